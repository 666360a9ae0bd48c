import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Where a checkout may have the published OpenAPI beside it; it is not part of this repository. */
const FILE = fileURLToPath(new URL('../../../shared/facts/geopera-openapi.json', import.meta.url));

export const isPublishedApiHere = existsSync(FILE);

/** A JSON schema as far as the comparison looks. */
export interface SchemaNode {
  readonly type?: string | undefined;
  readonly $ref?: string | undefined;
  readonly properties?: Readonly<Record<string, SchemaNode>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly anyOf?: readonly SchemaNode[] | undefined;
  readonly items?: SchemaNode | undefined;
  readonly enum?: readonly string[] | undefined;
  readonly pattern?: string | undefined;
  readonly minimum?: number | undefined;
  readonly minLength?: number | undefined;
  readonly default?: unknown;
}

export const schemaNode: z.ZodType<SchemaNode> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    $ref: z.string().optional(),
    properties: z.record(schemaNode).optional(),
    required: z.array(z.string()).optional(),
    anyOf: z.array(schemaNode).optional(),
    items: schemaNode.optional(),
    enum: z.array(z.string()).optional(),
    pattern: z.string().optional(),
    minimum: z.number().optional(),
    minLength: z.number().optional(),
    default: z.unknown(),
  }),
);

const content = z.object({
  content: z.object({ 'application/json': z.object({ schema: schemaNode }) }),
});

const published = z.object({
  paths: z.record(z.unknown()),
  components: z.object({ schemas: z.record(z.unknown()) }),
});

const publishedPath = z.object({
  post: z.object({
    'x-required-scope': z.string(),
    requestBody: content,
    responses: z.object({ '200': content }),
  }),
});

export interface PublishedOperation {
  readonly scope: string;
  readonly input: SchemaNode;
  readonly output: SchemaNode;
}

/** One operation of the published OpenAPI, its references followed; `undefined` if it has none. */
export function publishedOperation(id: string): PublishedOperation | undefined {
  const api = published.parse(JSON.parse(readFileSync(FILE, 'utf8')));
  const path = api.paths[`/v1/op/${id}`];
  if (path === undefined) return undefined;
  const { post } = publishedPath.parse(path);
  const follow = (node: SchemaNode): SchemaNode => {
    const name = node.$ref?.split('/').at(-1);
    return name === undefined ? node : schemaNode.parse(api.components.schemas[name]);
  };
  return {
    scope: post['x-required-scope'],
    input: follow(post.requestBody.content['application/json'].schema),
    output: follow(post.responses['200'].content['application/json'].schema),
  };
}
