import type { AnyZodObject } from 'zod';
import { zodToJsonSchema } from 'zod-to-json-schema';

/** A JSON schema that the clients we know of all take: an object at the root, nothing by reference. */
export interface PortableSchema {
  readonly type: 'object';
  readonly properties?: Readonly<Record<string, object>>;
  readonly required?: string[];
  readonly [keyword: string]: unknown;
}

/** The input schema of a tool; unknown arguments are refused, as the model itself does. */
export function portableInput(model: AnyZodObject): PortableSchema {
  return { ...portable(jsonSchema(model)), type: 'object' };
}

/**
 * The output schema of a tool: open, since a growing API may not break a client that checks it, and without
 * words, since answers speak for themselves.
 */
export function portableOutput(model: AnyZodObject): PortableSchema {
  return { ...withoutWords(portable(jsonSchema(model.passthrough()))), type: 'object' };
}

function jsonSchema(model: AnyZodObject): Node {
  const { $schema: _, ...schema } = zodToJsonSchema(model, { $refStrategy: 'none' });
  return schema;
}

type Node = Readonly<Record<string, unknown>>;

/** Left out of a list, while the model itself still holds to it: some clients refuse these, */
const UNTOLD = new Set(['exclusiveMinimum', 'exclusiveMaximum']);

/** and that a text is not empty goes without saying. */
const isTold = ([keyword, value]: readonly [string, unknown]) =>
  !UNTOLD.has(keyword) && !(keyword === 'minLength' && value === 1);

/** "Or null" is left out, since null and nothing mean the same to the models; so is what says nothing. */
function portable(schema: Node): Node {
  const { anyOf, type, enum: values, additionalProperties: more, ...rest } = withoutNull(schema);
  const told = Object.entries(rest).filter(isTold);
  return {
    ...(type !== undefined && { type }),
    ...(values !== undefined && { enum: values }),
    ...(anyOf !== undefined && { anyOf }),
    ...Object.fromEntries(told.map(([keyword, value]) => [keyword, portableUnder(keyword, value)])),
    // An object is open unless it says that it is not.
    ...(more === false && { additionalProperties: false }),
    ...(isNode(more) && Object.keys(more).length > 0 && { additionalProperties: portable(more) }),
  };
}

function portableUnder(keyword: string, value: unknown): unknown {
  if (keyword === 'items' && isNode(value)) return portable(value);
  if (keyword !== 'properties' || !isNode(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, it]) => [name, isNode(it) ? portable(it) : it]),
  );
}

function withoutNull(schema: Node): Node {
  const { anyOf, type, enum: values } = schema;
  if (Array.isArray(anyOf)) {
    const [only, ...others] = anyOf.filter((it) => isNode(it) && it['type'] !== 'null');
    const { anyOf: _, ...rest } = schema;
    if (isNode(only) && others.length === 0) return withoutNull({ ...only, ...rest });
  }
  return {
    ...schema,
    ...(Array.isArray(type) && { type: type.find((it) => it !== 'null') }),
    ...(Array.isArray(values) && { enum: values.filter((it) => it !== null) }),
  };
}

function withoutWords(schema: Node): Node {
  const { description: _, properties, items, ...rest } = schema;
  return {
    ...rest,
    ...(isNode(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, it]) => [name, isNode(it) ? withoutWords(it) : it]),
      ),
    }),
    ...(isNode(items) && { items: withoutWords(items) }),
  };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
