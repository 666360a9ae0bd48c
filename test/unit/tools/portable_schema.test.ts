import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { portableInput, portableOutput } from '../../../src/tools/portable_schema.ts';

describe('a portable schema', () => {
  const point = z.object({ lon: z.number() }).strict();

  it('repeats what is used twice, and refers to nothing', () => {
    const schema = portableInput(z.object({ from: point, to: point }).strict());
    expect(schema.properties?.['to']).toEqual(schema.properties?.['from']);
    expect(JSON.stringify(schema)).not.toContain('$');
  });

  it('of an input closes it, requires what must be there, and keeps bounds and defaults', () => {
    const count = z.number().int().min(1).default(4).describe('How many.');
    const model = z
      .object({
        name: z.string().min(1),
        code: z.string().min(2).max(3),
        count,
        note: z.string().optional(),
      })
      .strict();
    expect(portableInput(model)).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string' },
        code: { type: 'string', minLength: 2, maxLength: 3 },
        count: { type: 'integer', minimum: 1, default: 4, description: 'How many.' },
        note: { type: 'string' },
      },
      required: ['name', 'code'],
      additionalProperties: false,
    });
  });

  it('of an output opens it, whatever the model says', () => {
    expect(portableOutput(z.object({ id: z.string() }).strict())).toEqual({
      type: 'object',
      properties: { id: { type: 'string' } },
      required: ['id'],
    });
  });

  it('of an output is without words, at every level', () => {
    const file = z
      .object({ name: z.string().describe('Its name.') })
      .passthrough()
      .describe('One.');
    const model = z.object({ files: z.array(file).optional().describe('All.') });
    expect(portableOutput(model)).toEqual({
      type: 'object',
      properties: {
        files: {
          type: 'array',
          items: {
            type: 'object',
            properties: { name: { type: 'string' } },
            required: ['name'],
          },
        },
      },
    });
  });

  it('takes null where the model does, without a word of it', () => {
    const model = z.object({ bbox: z.array(z.number()).nullish(), as: z.enum(['a']).nullish() });
    expect(portableInput(model).properties).toEqual({
      bbox: { type: 'array', items: { type: 'number' } },
      as: { type: 'string', enum: ['a'] },
    });
  });

  it('leaves an object open without saying so, and tells what its members are', () => {
    const model = z.object({ any: z.record(z.unknown()), bands: z.record(z.number().int()) });
    expect(portableInput(model).properties).toEqual({
      any: { type: 'object' },
      bands: { type: 'object', additionalProperties: { type: 'integer' } },
    });
  });

  it('has no bound that some clients refuse', () => {
    const model = z.object({ size: z.number().positive().max(9) });
    expect(portableInput(model).properties).toEqual({ size: { type: 'number', maximum: 9 } });
  });

  it('of nothing is an object all the same', () => {
    expect(portableOutput(z.object({}))).toMatchObject({ type: 'object' });
  });
});
