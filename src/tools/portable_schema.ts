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
  return { ...jsonSchema(model), type: 'object' };
}

/** The output schema of a tool: open, since a growing API may not break a client that checks it. */
export function portableOutput(model: AnyZodObject): PortableSchema {
  return { ...jsonSchema(model.passthrough()), type: 'object' };
}

function jsonSchema(model: AnyZodObject): Record<string, unknown> {
  const { $schema: _, ...schema } = zodToJsonSchema(model, { $refStrategy: 'none' });
  return schema;
}
