import type { PlainSchema } from './plain_schema.ts';
import type { SeededRandom } from './seeded_random.ts';
import { anyValue, textOf, validValue } from './valid_bodies.ts';

/** A value within a body, what its schema says of it, and how to put another one there. */
interface Site {
  readonly value: unknown;
  readonly schema: PlainSchema;
  set(value: unknown): void;
  /** Takes the value away; absent for what is no member. */
  drop?(): void;
}

/** A body of the schema in which one or two things are not as they were. */
export function mutatedBody(schema: PlainSchema, random: SeededRandom): unknown {
  let body = validValue(schema, random);
  const times = random.chance(0.2) ? 2 : 1;
  for (let time = 0; time < times; time += 1) {
    const root: Site = {
      value: body,
      schema,
      set: (value) => {
        body = value;
      },
    };
    mutate(random.pick(sitesIn(root)), random);
  }
  return body;
}

/** The site itself, and all within its value. */
function sitesIn(site: Site): Site[] {
  const schema = schemaFor(site);
  const { value } = site;
  if (Array.isArray(value))
    return [site, ...value.flatMap((_, at) => itemSites(value, at, schema))];
  if (!isObject(value)) return [site];
  return [
    site,
    ...Object.keys(value).flatMap((name) => {
      const { additionalProperties: rest } = schema;
      const own = schema.properties?.[name] ?? (typeof rest === 'object' ? rest : {});
      return sitesIn({
        value: value[name],
        schema: own,
        set: (other) => {
          value[name] = other;
        },
        drop: () => {
          delete value[name];
        },
      });
    }),
  ];
}

function itemSites(items: unknown[], at: number, schema: PlainSchema): Site[] {
  return sitesIn({
    value: items[at],
    schema: schema.prefixItems?.[at] ?? schema.items ?? {},
    set: (other) => {
      items[at] = other;
    },
    drop: () => {
      items.splice(at, 1);
    },
  });
}

/** What the schema says of a value that is not null. */
function schemaFor({ schema }: Site): PlainSchema {
  return schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;
}

function mutate(site: Site, random: SeededRandom): void {
  const { value, drop } = site;
  const schema = schemaFor(site);
  const ways: (() => void)[] = [
    () => site.set(null),
    () => site.set(anyValue(random)),
    ...(drop === undefined ? [] : [drop, drop]),
    ...edges(schema, random).map((edge) => () => site.set(edge())),
  ];
  if (Array.isArray(value)) {
    ways.push(() => value.push(anyValue(random)));
    ways.push(() => value.push(...value));
  } else if (isObject(value)) {
    ways.push(() => {
      value[random.pick(['no_such_key', 'Id', ''])] = anyValue(random);
    });
    ways.push(() => addMember(value, schema, random));
  }
  random.pick(ways)();
}

/** A named member, be it valid or not. */
function addMember(
  value: Record<string, unknown>,
  schema: PlainSchema,
  random: SeededRandom,
): void {
  const names = Object.keys(schema.properties ?? {});
  if (names.length === 0) return;
  const name = random.pick(names);
  const own = schema.properties?.[name] ?? {};
  value[name] = random.chance(0.5) ? validValue(own, random) : anyValue(random);
}

/** Values around the bounds of a schema, on both sides of each; made when wanted, as some are long. */
function edges(schema: PlainSchema, random: SeededRandom): (() => unknown)[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, items = {} } = schema;
  const numbers = [minimum, maximum, exclusiveMinimum, exclusiveMaximum].flatMap(around);
  const lengths = [schema.minLength, schema.maxLength].flatMap(around).filter((it) => it >= 0);
  const counts = [schema.minItems, schema.maxItems].flatMap(around).filter((it) => it >= 0);
  const words = schema.enum ?? schema.pattern?.match(/\w+/g) ?? [];
  const times = schema.format === undefined ? [] : ['2024-05-06', 'tomorrow', '2024-05-06T07:08'];
  const near = words.flatMap((word) => [word, `${word}x`, `x${word}`, String(word).toUpperCase()]);
  return [
    ...[...numbers, ...times, ...near].map((value) => () => value),
    ...lengths.map((length) => () => textOf(length, random)),
    ...counts.map((length) => () => Array.from({ length }, () => validValue(items, random))),
  ];
}

const around = (bound: number | undefined) =>
  bound === undefined ? [] : [bound - 1, bound, bound + 1];

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
