import { z } from 'zod';
import type { Definitions } from './json_schema.ts';

/** One operation as an OpenAPI document publishes it. */
export interface PublishedOperation {
  readonly id: string;
  readonly scope: string | undefined;
  /** Absent in the documents from which the API's extensions were taken out. */
  readonly effect: string | undefined;
  /** JSON schemas; their references lead into the document's definitions. */
  readonly input: unknown;
  readonly output: unknown;
}

export interface PublishedApi {
  readonly operations: ReadonlyMap<string, PublishedOperation>;
  readonly definitions: Definitions;
}

/** What was read is no OpenAPI document of Geopera. */
export class NotThePublishedApi extends Error {
  override readonly name = 'NotThePublishedApi';
}

const OPERATION_PATH = /^\/v1\/op\/([^/]+)$/;

const document = z.object({
  paths: z.record(z.unknown()),
  components: z
    .object({ schemas: z.record(z.unknown()).default({}) })
    .default({})
    .catch({ schemas: {} }),
});

const content = z.object({ content: z.record(z.object({ schema: z.unknown() })).default({}) });

const path = z.object({
  post: z.object({
    'x-required-scope': z.string().optional().catch(undefined),
    'x-side-effect': z.string().optional().catch(undefined),
    requestBody: content.default({}).catch({ content: {} }),
    responses: z.record(z.unknown()).default({}).catch({}),
  }),
});

/** Reads an OpenAPI document. Throws `NotThePublishedApi` if it names no operation. */
export function readPublishedApi(json: unknown): PublishedApi {
  const { success, data } = document.safeParse(json);
  if (!success) throw new NotThePublishedApi('this is no OpenAPI document');
  const operations = Object.entries(data.paths).flatMap(([name, value]) => {
    const id = OPERATION_PATH.exec(name)?.[1];
    const parsed = path.safeParse(value);
    return id === undefined || !parsed.success ? [] : [publishedOperation(id, parsed.data)];
  });
  if (operations.length === 0) throw new NotThePublishedApi('it names no operation of Geopera');
  const schemas = Object.entries(data.components.schemas);
  return {
    operations: new Map(operations.map((operation) => [operation.id, operation])),
    definitions: new Map(schemas.map(([name, schema]) => [`#/components/schemas/${name}`, schema])),
  };
}

function publishedOperation(id: string, { post }: z.output<typeof path>): PublishedOperation {
  const success = Object.keys(post.responses).find((status) => /^2\d\d$/.test(status));
  const answer = content.catch({ content: {} }).parse(post.responses[success ?? '']);
  return {
    id,
    scope: post['x-required-scope'],
    effect: post['x-side-effect'],
    input: jsonSchemaIn(post.requestBody),
    output: jsonSchemaIn(answer),
  };
}

function jsonSchemaIn({ content: kinds }: z.output<typeof content>): unknown {
  return kinds['application/json']?.schema ?? {};
}
