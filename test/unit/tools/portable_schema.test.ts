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
      .object({ name: z.string().min(1), count, note: z.string().optional() })
      .strict();
    expect(portableInput(model)).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 1 },
        count: { type: 'integer', minimum: 1, default: 4, description: 'How many.' },
        note: { type: 'string' },
      },
      required: ['name'],
      additionalProperties: false,
    });
  });

  it('of an output opens it, whatever the model says', () => {
    expect(portableOutput(z.object({ id: z.string() }).strict())).toEqual({
      type: 'object',
      properties: { id: { type: 'string' } },
      required: ['id'],
      additionalProperties: true,
    });
  });

  it('of nothing is an object all the same', () => {
    expect(portableOutput(z.object({}))).toMatchObject({ type: 'object' });
  });
});
