import { z } from 'zod';
import type { Definitions } from '../../../src/doctor/json_schema.ts';

/** A JSON schema without references: what bodies are made by, and a validator compiled of. */
export interface PlainSchema {
  type?: string | undefined;
  enum?: unknown[] | undefined;
  pattern?: string | undefined;
  format?: string | undefined;
  minimum?: number | undefined;
  maximum?: number | undefined;
  exclusiveMinimum?: number | undefined;
  exclusiveMaximum?: number | undefined;
  minLength?: number | undefined;
  maxLength?: number | undefined;
  minItems?: number | undefined;
  maxItems?: number | undefined;
  anyOf?: PlainSchema[] | undefined;
  items?: PlainSchema | undefined;
  prefixItems?: PlainSchema[] | undefined;
  properties?: Record<string, PlainSchema> | undefined;
  required?: string[] | undefined;
  additionalProperties?: boolean | PlainSchema | undefined;
}

const whole = z.number().int().optional();
const bound = z.number().optional();

/** Strict in what bears on validity, so that nothing that a document says is passed over. */
const plainSchema: z.ZodType<PlainSchema> = z.lazy(() =>
  z
    .object({
      type: z.string().optional(),
      enum: z.array(z.unknown()).optional(),
      pattern: z.string().optional(),
      format: z.string().optional(),
      minimum: bound,
      maximum: bound,
      exclusiveMinimum: bound,
      exclusiveMaximum: bound,
      minLength: whole,
      maxLength: whole,
      minItems: whole,
      maxItems: whole,
      anyOf: z.array(plainSchema).optional(),
      items: plainSchema.optional(),
      prefixItems: z.array(plainSchema).optional(),
      properties: z.record(plainSchema).optional(),
      required: z.array(z.string()).optional(),
      additionalProperties: z.union([z.boolean(), plainSchema]).optional(),
      $schema: z.string().optional(),
      title: z.string().optional(),
      description: z.string().optional(),
      default: z.unknown(),
    })
    .strict(),
);

const reference = z.object({ $ref: z.string() }).passthrough();

/** A schema of its own: references replaced by what they lead to, several types by a choice. Throws for a keyword that is not known. */
export function plain(schema: unknown, definitions: Definitions): PlainSchema {
  return plainSchema.parse(inlined(schema, definitions));
}

function inlined(schema: unknown, definitions: Definitions): unknown {
  if (Array.isArray(schema)) return schema.map((it) => inlined(it, definitions));
  if (typeof schema !== 'object' || schema === null) return schema;
  const referring = reference.safeParse(schema);
  if (!referring.success) return oneOfTypes(mapped(schema, definitions));
  const { $ref, ...beside } = referring.data;
  return { ...mapped(definitions.get($ref) ?? {}, definitions), ...beside };
}

const severalTypes = z.object({ type: z.array(z.string()) }).passthrough();

function oneOfTypes(schema: object): object {
  const several = severalTypes.safeParse(schema);
  if (!several.success) return schema;
  const { type: types, ...beside } = several.data;
  return { anyOf: types.map((type) => ({ type, ...beside })) };
}

function mapped(schema: unknown, definitions: Definitions): object {
  const members = Object.entries(z.record(z.unknown()).parse(schema));
  return Object.fromEntries(members.map(([name, it]) => [name, inlined(it, definitions)]));
}
