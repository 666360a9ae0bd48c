import { describe, expect, it } from 'vitest';
import { compareSchemas } from '../../../src/doctor/schema_comparison.ts';

const DEFINITIONS = new Map<string, unknown>([
  ['#/components/schemas/Kind', { type: 'string', enum: ['clip', 'raster'] }],
  ['#/components/schemas/Again', { $ref: '#/components/schemas/Kind' }],
  [
    '#/components/schemas/Tree',
    { type: 'object', properties: { child: { $ref: '#/components/schemas/Tree' } } },
  ],
  ['#/components/schemas/Circle', { $ref: '#/components/schemas/Circle' }],
]);

/** What differs, each as `where fact published ours`. */
function compared(published: unknown, ours: unknown): string[] {
  return compareSchemas(
    'it',
    { schema: published, definitions: DEFINITIONS },
    { schema: ours, definitions: new Map() },
  ).map((it) => [it.where, it.fact, it.published ?? 'none', it.ours ?? 'none'].join(' '));
}

const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const text = { type: 'string' };

describe('two schemas that say the same', () => {
  it.each<[unknown, unknown]>([
    [{}, {}],
    [{ title: 'A', description: 'B', type: 'string' }, text],
    [
      { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 10 },
      { type: 'integer', minimum: 1, maximum: 9 },
    ],
    [
      { type: 'integer', exclusiveMinimum: 0.5 },
      { type: 'integer', minimum: 1 },
    ],
    [
      { type: 'string', pattern: '^(b|a)$' },
      { type: 'string', enum: ['a', 'b'] },
    ],
    [{ const: 'a' }, { type: 'string', enum: ['a'] }],
    [{ anyOf: [text, { type: 'null' }] }, { type: ['string', 'null'] }],
    [
      { anyOf: [ref('Kind'), { type: 'null' }] },
      { anyOf: [{ enum: ['raster', 'clip'] }, { type: 'null' }] },
    ],
    [
      { enum: ['clip', 'raster', null] },
      { anyOf: [{ enum: ['raster', 'clip'] }, { type: 'null' }] },
    ],
    [ref('Again'), { type: 'string', enum: ['clip', 'raster'] }],
    [
      { ...ref('Kind'), default: 'clip' },
      { enum: ['clip', 'raster'], default: 'clip' },
    ],
    [
      { allOf: [ref('Kind')], default: 'clip' },
      { enum: ['clip', 'raster'], default: 'clip' },
    ],
    [{ anyOf: [text, { type: 'null' }], default: null }, { anyOf: [text, { type: 'null' }] }],
    [
      {
        type: 'array',
        prefixItems: [{ type: 'number' }, { type: 'number' }],
        minItems: 2,
        maxItems: 2,
      },
      { type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 2 },
    ],
    [
      { type: 'array', items: { type: 'object' } },
      { type: 'array', items: { type: 'object', additionalProperties: {} } },
    ],
    [ref('Circle'), {}],
    [{ type: 7, minLength: 'long' }, {}],
  ])('%j and %j', (published, ours) => {
    expect(compared(published, ours)).toEqual([]);
  });
});

describe('two schemas that do not', () => {
  it.each<[unknown, unknown, string[]]>([
    [text, { type: 'integer' }, ['it type string integer']],
    [{}, text, ['it type any string']],
    [text, { anyOf: [text, { type: 'null' }] }, ['it nullable false true']],
    [{ anyOf: [text, { type: 'integer' }] }, text, ['it type integer|string string']],
    [{ ...text, default: 'a' }, text, ['it default a none']],
    [
      { ...text, maxLength: 3 },
      { ...text, minLength: 1 },
      ['it minLength none 1', 'it maxLength 3 none'],
    ],
    [
      { type: 'number', minimum: 0 },
      { type: 'number', exclusiveMinimum: 0 },
      ['it minimum 0 none', 'it exclusiveMinimum none 0'],
    ],
    [{ ...text, pattern: '^(a|b)$' }, { enum: ['a', 'c'] }, ['it enum a|b a|c']],
    [{ ...text, pattern: '^a+$' }, text, ['it pattern ^a+$ none']],
    [{ ...text, format: 'date-time' }, text, ['it format date-time none']],
    [
      { type: 'array', items: text, minItems: 1 },
      { type: 'array', items: { type: 'integer' }, maxItems: 2 },
      ['it minItems 1 none', 'it maxItems none 2', 'it[] type string integer'],
    ],
    [
      object({ a: text }, { required: ['a'] }),
      object({ a: { ...text, minLength: 1 }, b: text }, { additionalProperties: false }),
      [
        'it additionalProperties open closed',
        'it.a required required optional',
        'it.b field none optional',
        'it.a minLength none 1',
      ],
    ],
    [object({ a: text }), { type: 'object' }, ['it members a any']],
    [
      object({ a: { anyOf: [{ type: 'object' }, { type: 'null' }] } }),
      object({ a: { anyOf: [object({ b: text, c: text }), { type: 'null' }] } }),
      ['it.a members any b, c'],
    ],
    [
      { type: 'object', additionalProperties: { type: 'integer' } },
      { type: 'object', additionalProperties: text },
      ['it.* type integer string'],
    ],
    [
      { type: 'object', additionalProperties: { type: 'integer' } },
      { type: 'object' },
      ['it additionalProperties typed open'],
    ],
    [
      ref('Tree'),
      object({ child: object({ child: object({ child: text }) }) }),
      ['it.child.child.child type object string'],
    ],
  ])('%j and %j', (published, ours, differences) => {
    expect(compared(published, ours)).toEqual(differences);
  });
});
