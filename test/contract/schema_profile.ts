import { z } from 'zod';

const object = z.record(z.unknown());

/** Keywords that some client refuses, drops or misreads. */
const REFUSED_KEYWORDS = [
  '$ref',
  '$defs',
  'definitions',
  'anyOf',
  'oneOf',
  'allOf',
  'not',
  'if',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'patternProperties',
  'prefixItems',
];

/** What of a JSON schema keeps a client from using it, each with the place; empty if nothing. */
export function schemaFaults(schema: unknown, where = '#'): string[] {
  const node = object.safeParse(schema);
  if (!node.success) return [`${where} is no schema object`];
  const { type, items, properties, format, additionalProperties: more } = node.data;
  const faults = REFUSED_KEYWORDS.filter((keyword) => keyword in node.data).map(
    (keyword) => `${where} has ${keyword}`,
  );
  if (typeof type !== 'string') faults.push(`${where} has no single type`);
  if (format !== undefined && format !== 'date-time') faults.push(`${where} has a format`);
  if (type === 'array') faults.push(...schemaFaults(items, `${where}[]`));
  if (more !== undefined && more !== false) faults.push(...schemaFaults(more, `${where}.*`));
  for (const [name, property] of Object.entries(object.parse(properties ?? {}))) {
    faults.push(...schemaFaults(property, `${where}.${name}`));
  }
  return faults;
}

export interface ObjectNode {
  readonly where: string;
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly required: readonly string[];
  readonly additionalProperties: unknown;
}

const objectNode = z.object({
  properties: z.record(object).default({}),
  required: z.array(z.string()).default([]),
  additionalProperties: z.unknown(),
});

/** Every object in a JSON schema, the root first; `*` is a member of any name. */
export function objectsIn(schema: unknown, where = '#'): ObjectNode[] {
  const node = object.parse(schema);
  if (node['type'] === 'array') return objectsIn(node['items'], `${where}[]`);
  if (node['type'] !== 'object') return [];
  const { properties, required, additionalProperties } = objectNode.parse(node);
  const members = object.safeParse(additionalProperties);
  return [
    { where, properties, required, additionalProperties },
    ...Object.entries(properties).flatMap(([name, it]) => objectsIn(it, `${where}.${name}`)),
    ...(members.success ? objectsIn(members.data, `${where}.*`) : []),
  ];
}
