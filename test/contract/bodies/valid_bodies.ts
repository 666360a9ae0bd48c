import type { PlainSchema } from './plain_schema.ts';
import type { SeededRandom } from './seeded_random.ts';

/** A value for each pattern that is no list of words. */
const EXAMPLES: Readonly<Record<string, string>> = {
  '^(cst|pm)_[A-Za-z0-9_]+$': 'pm_1Abc_9',
};
const CHOICE = /^\^\(([\w-]+(?:\|[\w-]+)*)\)\$$/;
const LETTERS = [...'abcxyz019 _-./éß漢'];
const FAR = 1000;

/** A value that the schema allows. */
export function validValue(schema: PlainSchema, random: SeededRandom): unknown {
  if (schema.anyOf !== undefined) return validValue(random.pick(schema.anyOf), random);
  if (schema.enum !== undefined) return random.pick(schema.enum);
  switch (schema.type) {
    case 'null':
      return null;
    case 'boolean':
      return random.chance(0.5);
    case 'integer':
      return random.between(leastOf(schema), mostOf(schema));
    case 'number':
      return random.between(leastOf(schema), mostOf(schema) - 1) + 0.5;
    case 'string':
      return validText(schema, random);
    case 'array':
      return validArray(schema, random);
    case 'object':
      return validObject(schema, random);
    default:
      return anyValue(random);
  }
}

/** One of each kind; those that could be changed are made anew. */
const ANY: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 2.5,
  () => 1e21,
  () => '',
  () => 'text',
  () => [],
  () => ['a', null],
  () => [1],
  () => ({}),
  () => ({ a: 1 }),
];

/** Any JSON, small. */
export function anyValue(random: SeededRandom): unknown {
  return random.pick(ANY)();
}

/** A text of so many letters. */
export function textOf(length: number, random: SeededRandom): string {
  return Array.from({ length }, () => random.pick(LETTERS)).join('');
}

function leastOf({ minimum, exclusiveMinimum, maximum = FAR }: PlainSchema): number {
  return (
    minimum ?? (exclusiveMinimum === undefined ? Math.min(-FAR, maximum) : exclusiveMinimum + 1)
  );
}

function mostOf(schema: PlainSchema): number {
  const { maximum, exclusiveMaximum } = schema;
  return maximum ?? (exclusiveMaximum === undefined ? leastOf(schema) + FAR : exclusiveMaximum - 1);
}

function validText(schema: PlainSchema, random: SeededRandom): string {
  const { pattern, format, minLength = 0, maxLength = minLength + 8 } = schema;
  if (format === 'date-time')
    return random.pick(['2024-05-06T07:08:09Z', '2024-05-06T07:08:09.123+10:00']);
  if (format !== undefined) throw new Error(`no value is known of format ${format}`);
  if (pattern === undefined) return textOf(random.between(minLength, maxLength), random);
  const value = CHOICE.exec(pattern)?.[1]?.split('|') ?? [EXAMPLES[pattern]];
  const text = random.pick(value);
  if (text === undefined) throw new Error(`no value is known of pattern ${pattern}`);
  return text;
}

function validArray(schema: PlainSchema, random: SeededRandom): unknown[] {
  const { prefixItems, items = {}, minItems = 0, maxItems = minItems + 3 } = schema;
  if (prefixItems !== undefined) return prefixItems.map((it) => validValue(it, random));
  const length = random.between(minItems, maxItems);
  return Array.from({ length }, () => validValue(items, random));
}

function validObject(schema: PlainSchema, random: SeededRandom): Record<string, unknown> {
  const { properties = {}, required = [], additionalProperties: rest } = schema;
  const named = Object.entries(properties)
    .filter(([name]) => required.includes(name) || random.chance(0.5))
    .map(([name, it]): [string, unknown] => [name, validValue(it, random)]);
  // Members without a name are for objects that name none.
  if (Object.keys(properties).length > 0 || rest === false) return Object.fromEntries(named);
  const free = Array.from({ length: random.between(0, 2) }, (_, at): [string, unknown] => [
    `key ${at}`,
    typeof rest === 'object' ? validValue(rest, random) : anyValue(random),
  ]);
  return Object.fromEntries([...named, ...free]);
}
