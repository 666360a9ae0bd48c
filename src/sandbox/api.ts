import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SandboxContext } from './context.ts';
import { controlAnswer } from './control_endpoint.ts';
import { type Answer, deliver, jsonAnswer } from './delivery.ts';
import { openapiDocument } from './openapi_document.ts';
import { errorAnswer, handleOperation, operationIdOf } from './operation_endpoint.ts';
import { notFound } from './problems.ts';
import { handleStorage } from './storage_endpoint.ts';
import { USERINFO_PATH, userinfoAnswer } from './userinfo.ts';

/** Takes a request to the part of the sandbox that its path names. */
export async function route(
  context: SandboxContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?', 1);
  if (path.startsWith('/storage/')) {
    await handleStorage(context, request, response);
    return;
  }
  const operationId = request.method === 'POST' ? operationIdOf(path) : undefined;
  if (operationId !== undefined) {
    await handleOperation(context, operationId, request, response);
    return;
  }
  await deliver(response, await plainAnswer(context, path, request));
}

async function plainAnswer(
  context: SandboxContext,
  path: string,
  request: IncomingMessage,
): Promise<Answer> {
  try {
    if (path.startsWith('/sandbox/')) return await controlAnswer(context, path, request);
    if (request.method !== 'GET') throw notFound('Path');
    const answer = DOCUMENTS[path];
    if (!answer) throw notFound('Path');
    return answer(context, request);
  } catch (error) {
    return errorAnswer(error);
  }
}

const DOCUMENTS: Readonly<
  Record<string, (context: SandboxContext, request: IncomingMessage) => Answer>
> = {
  '/healthz': () => jsonAnswer(200, { status: 'ok' }),
  '/openapi.json': () => jsonAnswer(200, openapiDocument()),
  [USERINFO_PATH]: userinfoAnswer,
};
