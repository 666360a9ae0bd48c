import type { Definitions } from './json_schema.ts';
import { BOUNDS, type Bound, readShape, type Shape } from './shape.ts';

/**
 * In what two schemas differ. `members`: one names members of an object, the other leaves it free-form;
 * `field`: only one has it; `additionalProperties`: what is said of members without a name.
 */
export type SchemaFact =
  | Bound
  | 'type'
  | 'nullable'
  | 'default'
  | 'required'
  | 'members'
  | 'field'
  | 'additionalProperties';

export interface SchemaDifference {
  /** e.g. `input.query.*.GT` or `output.edges[].id`; `*` stands for any key. */
  readonly where: string;
  readonly fact: SchemaFact;
  /** What each says; undefined for nothing. */
  readonly published: unknown;
  readonly ours: unknown;
}

/** A schema, and what its references lead to. */
export interface SchemaSource {
  readonly schema: unknown;
  readonly definitions: Definitions;
}

/**
 * All ways in which two schemas differ. Goes no deeper than ours does, which has an end: a published one
 * may go in circles.
 */
export function compareSchemas(
  where: string,
  published: SchemaSource,
  ours: SchemaSource,
): SchemaDifference[] {
  const theirs = readShape(published.schema, published.definitions);
  const own = readShape(ours.schema, ours.definitions);
  const found = factsOf(where, theirs, own);
  // Of different kinds: there is nothing more to set side by side.
  if (found.some(({ fact }) => fact === 'type' || fact === 'members')) return found;
  for (const [at, a, b] of innerSchemas(where, theirs, own)) {
    found.push(...compareSchemas(at, { ...published, schema: a }, { ...ours, schema: b }));
  }
  return found;
}

/** What differs in a value itself, and in which members it has. */
function factsOf(where: string, theirs: Shape, own: Shape): SchemaDifference[] {
  const difference = (fact: SchemaFact, published: unknown, ours: unknown, at = where) =>
    same(published, ours) ? [] : [{ where: at, fact, published, ours }];
  const kind = [
    ...difference('type', theirs.type, own.type),
    ...difference('nullable', theirs.nullable, own.nullable),
    ...difference('default', theirs.default, own.default),
  ];
  if (theirs.type !== own.type) return kind;
  if (isFree(theirs) !== isFree(own) && names(theirs) !== names(own)) {
    return [...kind, ...difference('members', membersOf(theirs), membersOf(own))];
  }
  return [
    ...kind,
    ...BOUNDS.flatMap((bound) => difference(bound, theirs.bounds[bound], own.bounds[bound])),
    ...difference('additionalProperties', openness(theirs), openness(own)),
    ...allNames(theirs, own).flatMap((name) => {
      const [a, b] = [presence(theirs, name), presence(own, name)];
      const fact = a === undefined || b === undefined ? 'field' : 'required';
      return difference(fact, a, b, `${where}.${name}`);
    }),
  ];
}

/** The schemas that both have within them, and where. */
function innerSchemas(where: string, theirs: Shape, own: Shape): [string, unknown, unknown][] {
  const shared = Object.keys(own.fields).filter((name) => Object.hasOwn(theirs.fields, name));
  return [
    ...shared.map((name): [string, unknown, unknown] => [
      `${where}.${name}`,
      theirs.fields[name],
      own.fields[name],
    ]),
    [`${where}[]`, theirs.items, own.items],
    [`${where}.*`, theirs.rest, own.rest],
  ].filter((pair): pair is [string, unknown, unknown] => isSchema(pair[1]) && isSchema(pair[2]));
}

function isSchema(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null;
}

/** Whether an object may hold anything under any name. */
function isFree({ fields, rest }: Shape): boolean {
  return Object.keys(fields).length === 0 && rest === true;
}

const names = ({ fields }: Shape) => Object.keys(fields).sort().join(', ');
const membersOf = (shape: Shape) => (isFree(shape) ? 'any' : names(shape));

function allNames(theirs: Shape, own: Shape): readonly string[] {
  return [...new Set([...Object.keys(theirs.fields), ...Object.keys(own.fields)])];
}

function presence({ fields, required }: Shape, name: string): string | undefined {
  if (!Object.hasOwn(fields, name)) return undefined;
  return required.includes(name) ? 'required' : 'optional';
}

function openness({ rest }: Shape): string {
  if (typeof rest === 'boolean') return rest ? 'open' : 'closed';
  return 'typed';
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
