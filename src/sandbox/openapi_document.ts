import type { z } from 'zod';
import { zodToJsonSchema } from 'zod-to-json-schema';
import { catalogue } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import { isBodyOptional, successStatus } from './published_exceptions.ts';

let made: unknown;

/**
 * An OpenAPI 3.1 document of the whole catalogue, whether the sandbox acts an operation out or not. It is made
 * when it is first asked for: the models of two hundred operations are no part of a start.
 */
export function openapiDocument(): unknown {
  made ??= document();
  return made;
}

function document(): unknown {
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
    requestBody: {
      required: !isBodyOptional(operation),
      content: jsonContent(operation.input),
    },
    responses: {
      [successStatus(operation.id)]: {
        description: 'Successful Response',
        content: jsonContent(operation.output),
      },
    },
    'x-required-scope': operation.scope,
    'x-side-effect': operation.effect,
  };
}

function jsonContent(model: z.ZodTypeAny): unknown {
  const { $schema: _dialect, ...schema } = zodToJsonSchema(model, { $refStrategy: 'none' });
  return { 'application/json': { schema } };
}
