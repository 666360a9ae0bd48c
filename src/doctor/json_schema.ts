import { z } from 'zod';

/** A keyword of another form than it should have is as good as absent: it then shows as a difference. */
const keyword = <Form extends z.ZodTypeAny>(form: Form) => form.optional().catch(undefined);
const number = () => keyword(z.number());
const schemas = () => keyword(z.array(z.unknown()));

const jsonSchema = z.object({
  $ref: keyword(z.string()),
  type: keyword(z.union([z.string().transform((type) => [type]), z.array(z.string())])),
  anyOf: schemas(),
  oneOf: schemas(),
  allOf: schemas(),
  enum: keyword(z.array(z.unknown())),
  const: z.unknown(),
  default: z.unknown(),
  pattern: keyword(z.string()),
  format: keyword(z.string()),
  minimum: number(),
  maximum: number(),
  exclusiveMinimum: number(),
  exclusiveMaximum: number(),
  multipleOf: number(),
  minLength: number(),
  maxLength: number(),
  minItems: number(),
  maxItems: number(),
  uniqueItems: keyword(z.boolean()),
  items: z.unknown(),
  prefixItems: schemas(),
  properties: keyword(z.record(z.unknown())),
  required: keyword(z.array(z.string())),
  additionalProperties: z.unknown(),
});

/** One node of a JSON schema, as far as the comparison looks; the nodes below it are yet to be read. */
export type JsonSchema = z.output<typeof jsonSchema>;

/** The schemas that a document names, by their references. */
export type Definitions = ReadonlyMap<string, unknown>;

/** More references in a row than this are a circle. */
const MOST_REFERENCES = 16;

/** Reads one node, where its reference leads; what is no schema allows anything. */
export function readNode(schema: unknown, definitions: Definitions): JsonSchema {
  let node = jsonSchema.catch({}).parse(schema);
  const { default: own } = node;
  for (let hops = 0; node.$ref !== undefined; hops += 1) {
    const target = hops < MOST_REFERENCES ? definitions.get(node.$ref) : undefined;
    node = jsonSchema.catch({}).parse(target);
  }
  // A reference may stand beside a default of its own.
  return own === undefined ? node : { ...node, default: own };
}
