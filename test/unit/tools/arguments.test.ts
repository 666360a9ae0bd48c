import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeArguments, InvalidArguments } from '../../../src/tools/arguments.ts';

const input = z
  .object({
    name: z.string(),
    note: z.string().optional(),
    kind: z.enum(['7', 'a']).default('a'),
    count: z.number().int().optional(),
    loud: z.boolean().default(false),
    paths: z.array(z.string()).optional(),
    area: z
      .object({ type: z.literal('Polygon'), ring: z.array(z.number()) })
      .strict()
      .optional(),
  })
  .strict();

const decode = (args: unknown) => decodeArguments('a_tool', input, args);
const defaults = { kind: 'a', loud: false };

function faults(args: unknown): readonly string[] {
  try {
    decode(args);
  } catch (error) {
    if (error instanceof InvalidArguments && error.tool === 'a_tool') return error.faults;
    throw error;
  }
  throw new Error('the arguments were taken');
}

describe('arguments as JSON text', () => {
  it.each([
    ['very long', `[${'"a",'.repeat(30_000)}"a"]`],
    ['very deep', `${'['.repeat(100)}${']'.repeat(100)}`],
  ])('are not taken apart when they are %s', (_, paths) => {
    expect(faults({ name: 'n', paths })).toEqual(['paths: Expected array, received string']);
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['a number', { count: '12' }, { count: 12 }],
    ['a boolean', { loud: 'true' }, { loud: true }],
    ['a list', { paths: '["a","b"]' }, { paths: ['a', 'b'] }],
    [
      'an object',
      { area: '{"type":"Polygon","ring":[1,2]}' },
      { area: { type: 'Polygon', ring: [1, 2] } },
    ],
    ['a number as it is', { count: 12 }, { count: 12 }],
    ['a list as it is', { paths: ['1', 'true'] }, { paths: ['1', 'true'] }],
    ['a text that looks like a number', { note: '12' }, { note: '12' }],
    ['a text that looks like a list', { note: '["a"]' }, { note: '["a"]' }],
    ['a text that looks like null', { note: 'null' }, { note: 'null' }],
    ['a text with quotes', { note: '"x"' }, { note: '"x"' }],
    ['a choice that looks like a number', { kind: '7' }, { kind: '7' }],
  ])('%s', (_, args, decoded) => {
    expect(decode({ name: 'n', ...args })).toEqual({ name: 'n', ...defaults, ...decoded });
  });

  it('are never looked for where the schema wants text', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(decode({ name: text, note: text })).toEqual({ ...defaults, name: text, note: text });
      }),
    );
  });

  it.each<[string, unknown, RegExp]>([
    ['no JSON', { name: 'n', paths: 'a.tif' }, /^paths: .*array/],
    ['JSON of another type', { name: 'n', count: '"x"' }, /^count: .*number/],
    ['null', { name: 'n', count: 'null' }, /^count: /],
    ['half a number', { name: 'n', count: '1.5' }, /^count: .*integer/],
  ])('%s are refused as they were sent', (_, args, fault) => {
    expect(faults(args)).toEqual([expect.stringMatching(fault)]);
  });
});

describe('null', () => {
  it('means nothing where nothing may be given', () => {
    const args = { name: 'n', note: null, kind: null, count: null, loud: null, area: null };
    expect(decode(args)).toEqual({ name: 'n', ...defaults });
  });

  it('is kept where it means something', () => {
    const model = z.object({ ends: z.string().nullable().optional() }).strict();
    expect(decodeArguments('a_tool', model, { ends: null })).toEqual({ ends: null });
  });
});

describe('arguments that do not fit', () => {
  const known = 'name, note, kind, count, loud, paths, area';

  it.each<[string, unknown, string[]]>([
    ['none', undefined, ['name: Required']],
    ['null', null, ['name: Required']],
    ['a missing one', {}, ['name: Required']],
    ['a list', [], ['arguments: Expected object, received array']],
    ['a text', '{"name":"n"}', ['arguments: Expected object, received string']],
    ['an unknown one', { name: 'n', nam: 1 }, [`unknown argument nam (known: ${known})`]],
    ['unknown ones', { name: 'n', a: 1, b: 2 }, [`unknown argument a, b (known: ${known})`]],
    [
      'an unknown one with a name that every object has',
      { name: 'n', constructor: 'x', toString: 'x' },
      [`unknown argument constructor, toString (known: ${known})`],
    ],
    ['null for what must be given', { name: null }, ['name: Expected string, received null']],
    [
      'null for what has a name that every object has',
      { name: 'n', constructor: null },
      [`unknown argument constructor (known: ${known})`],
    ],
    [
      'one inside another',
      { name: 'n', area: { type: 'Polygon', ring: [1, 'x'] } },
      ['area.ring.1: Expected number, received string'],
    ],
    [
      'several',
      { name: 1, loud: 'perhaps' },
      ['name: Expected string, received number', 'loud: Expected boolean, received string'],
    ],
  ])('%s', (_, args, said) => {
    expect(faults(args)).toEqual(said);
  });

  it('are told in the message with the tool', () => {
    expect(() => decode({})).toThrow('a_tool: name: Required');
  });
});
