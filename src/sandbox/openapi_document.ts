import type { z } from 'zod';
import { zodToJsonSchema } from 'zod-to-json-schema';
import { catalogue } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';

/** An OpenAPI 3.1 document of the operations that the sandbox serves, made from the catalogue. */
export function openapiDocument(): unknown {
  const entries = catalogue.map((operation) => [
    `/v1/op/${operation.id}`,
    { post: describe(operation) },
  ]);
  return {
    openapi: '3.1.0',
    info: { title: 'Geopera Operations (sandbox)', version: '2.0.0' },
    paths: Object.fromEntries(entries),
    components: { securitySchemes: { HTTPBearer: { type: 'http', scheme: 'bearer' } } },
  };
}

function describe(operation: Operation): unknown {
  return {
    tags: ['operations'],
    summary: operation.summary,
    operationId: operation.id,
    security: [{ HTTPBearer: [] }],
    requestBody: { required: true, content: jsonContent(operation.input) },
    responses: {
      200: { description: 'Successful Response', content: jsonContent(operation.output) },
    },
    'x-required-scope': operation.scope,
    'x-side-effect': operation.effect,
  };
}

function jsonContent(model: z.ZodTypeAny): unknown {
  const { $schema: _dialect, ...schema } = zodToJsonSchema(model, { $refStrategy: 'none' });
  return { 'application/json': { schema } };
}
