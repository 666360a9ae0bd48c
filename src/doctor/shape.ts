import { type Definitions, type JsonSchema, readNode } from './json_schema.ts';

/** What bounds a value, in the words of JSON schema. */
export const BOUNDS = [
  'enum',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
] as const;

export type Bound = (typeof BOUNDS)[number];

/** What a schema says of a value, in one form for all the ways to say the same. */
export interface Shape {
  /** As JSON schema names it; several with `|` between them; `any` where nothing is said. */
  readonly type: string;
  readonly nullable: boolean;
  /** Of an `enum`, its values as one text. */
  readonly bounds: Readonly<Partial<Record<Bound, unknown>>>;
  /** Undefined for none, and for null: a value that is absent. */
  readonly default: unknown;
  /** Schemas of the named members of an object. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly required: readonly string[];
  /** Schema of members that are not named; `true` if they may be anything, `false` if there may be none. */
  readonly rest: unknown;
  /** Schema of what an array holds, if it says. */
  readonly items: unknown;
}

/** `^(a|b)$` */
const CHOICE = /^\^\(([\w-]+(?:\|[\w-]+)*)\)\$$/;

/** Reads a schema; the schemas within it are left to whoever goes on. */
export function readShape(schema: unknown, definitions: Definitions): Shape {
  const node = readNode(schema, definitions);
  const alternatives = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...wrapped(node)];
  if (alternatives.length === 0) return plainShape(node);
  const shapes = alternatives.map((alternative) => readShape(alternative, definitions));
  const typed = shapes.filter(({ type }) => type !== 'null');
  const [first] = typed;
  if (first === undefined) return plainShape(node);
  return {
    ...first,
    type: [...new Set(typed.map(({ type }) => type))].sort().join('|'),
    nullable: shapes.some(({ nullable }) => nullable),
    bounds: Object.assign({}, ...typed.map(({ bounds }) => bounds)),
    default: node.default ?? first.default,
  };
}

/** A lone `allOf` is how a reference is given a default of its own. */
function wrapped({ allOf }: JsonSchema): readonly unknown[] {
  return allOf?.length === 1 ? allOf : [];
}

function plainShape(node: JsonSchema): Shape {
  const types = typesOf(node);
  const named = types.filter((type) => type !== 'null');
  const type = named.length > 0 ? named.sort().join('|') : types.includes('null') ? 'null' : 'any';
  return {
    type,
    nullable: types.includes('null') || (node.enum?.includes(null) ?? false),
    bounds: boundsOf(node, type),
    default: node.default ?? undefined,
    fields: node.properties ?? {},
    required: node.required ?? [],
    rest: restOf(node.additionalProperties),
    items: tuple(node)?.[0] ?? node.items,
  };
}

function typesOf(node: JsonSchema): readonly string[] {
  if (node.type !== undefined) return node.type;
  if (node.properties !== undefined) return ['object'];
  const values = choicesOf(node)?.filter((value) => value !== null) ?? [];
  return [...new Set(values.map((value) => typeof value))];
}

function choicesOf(node: JsonSchema): readonly unknown[] | undefined {
  if (node.enum !== undefined) return node.enum;
  if (node.const !== undefined) return [node.const];
  // A pattern of nothing but words is how some frameworks write an enum.
  return CHOICE.exec(node.pattern ?? '')?.[1]?.split('|');
}

function boundsOf(node: JsonSchema, type: string): Shape['bounds'] {
  const choices = choicesOf(node)?.filter((value) => value !== null);
  const stated: Partial<Record<Bound, unknown>> = {
    ...Object.fromEntries(BOUNDS.map((bound) => [bound, node[bound]])),
    ...(type === 'integer' ? inclusive(node) : {}),
    enum: choices?.map(String).sort().join('|'),
    ...(choices === undefined ? {} : { pattern: undefined }),
  };
  return Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined));
}

/** Above 0 and from 1 on are the same whole numbers. */
function inclusive(node: JsonSchema): Partial<Record<Bound, unknown>> {
  const { minimum = -Infinity, maximum = Infinity } = node;
  const { exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = node;
  const least = Math.max(minimum, Math.floor(exclusiveMinimum) + 1);
  const most = Math.min(maximum, Math.ceil(exclusiveMaximum) - 1);
  return {
    minimum: Number.isFinite(least) ? least : undefined,
    maximum: Number.isFinite(most) ? most : undefined,
    exclusiveMinimum: undefined,
    exclusiveMaximum: undefined,
  };
}

/** Schemas of an array that says of each place what stands there; all alike in what is compared here. */
function tuple({ prefixItems, items }: JsonSchema): readonly unknown[] | undefined {
  return prefixItems ?? (Array.isArray(items) ? items : undefined);
}

function restOf(additional: unknown): unknown {
  if (additional === undefined || additional === true) return true;
  if (additional === false) return false;
  return JSON.stringify(additional) === '{}' ? true : additional;
}
