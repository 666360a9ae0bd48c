import type { IncomingMessage, ServerResponse } from 'node:http';
import { operationById } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import type { SandboxContext } from './context.ts';
import { type Answer, deliver, jsonAnswer, textAnswer } from './delivery.ts';
import type { FaultAction } from './faults.ts';
import { readJsonBody } from './json_body.ts';
import type { KeyedRequest } from './kept_answers.ts';
import type { Outcome } from './operation_handler.ts';
import { operationHandlers } from './operation_handlers.ts';
import { outcomeAnswer, type Prepared } from './outcome_answer.ts';
import { authenticate, requireScope } from './principals.ts';
import { BodyInvalidError, notFound, PROBLEM_JSON, ProblemError } from './problems.ts';
import { isBodyOptional } from './published_exceptions.ts';

/**
 * The operation that a path names, by `/v1/op/{id}` or by its alias `/v1/{resource}/{action}`.
 * The id is returned even if no operation has it.
 */
export function operationIdOf(path: string): string | undefined {
  const canonical = /^\/v1\/op\/([^/]+)$/.exec(path)?.[1];
  if (canonical !== undefined) return canonical;
  return /^\/v1\/(.+)$/.exec(path)?.[1]?.replaceAll('/', '.');
}

/** Authenticates, checks the scope, validates, does the operation and answers. */
export async function handleOperation(
  context: SandboxContext,
  operationId: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const fault = context.faults.take(operationId);
  const { answer, onSent } = await answerOperation(context, operationId, request, fault);
  await deliver(response, answer, fault, onSent);
  if (onSent) await context.store.save();
}

async function answerOperation(
  context: SandboxContext,
  operationId: string,
  request: IncomingMessage,
  fault: FaultAction | undefined,
): Promise<Prepared> {
  try {
    const principal = authenticate(context, request.headers);
    const operation = operationById(operationId);
    const handler = operationHandlers[operationId];
    if (!operation) throw notFound('Operation');
    requireScope(principal, operation.scope, operation.id);
    if (!handler) throw new ProblemError(501, `the sandbox does not act out ${operation.id}`);
    if (fault && 'status' in fault) return { answer: faultAnswer(fault) };
    const body = await readBody(operation, request);
    const expiredUrl = fault !== undefined && 'expire' in fault;
    const carryOut = () => handler(body, { context, principal, expiredUrl });
    const key = operation.idempotencyKey ? request.headers['idempotency-key'] : undefined;
    return outcomeAnswer(
      context,
      operation.id,
      typeof key === 'string'
        ? await outcomeByKey(context, { path: request.url ?? '', key, body }, carryOut)
        : await carryOut(),
    );
  } catch (error) {
    return { answer: errorAnswer(error) };
  }
}

async function outcomeByKey(
  { keptAnswers, store }: SandboxContext,
  request: Omit<KeyedRequest, 'organizationId'>,
  carryOut: () => Promise<Outcome>,
): Promise<Outcome> {
  const organizationId = store.state.organization_id;
  const json = await keptAnswers.once({ ...request, organizationId }, async () => {
    const outcome = await carryOut();
    if ('json' in outcome) return outcome.json;
    throw new Error('only an answer in JSON can be kept');
  });
  return { json };
}

async function readBody(operation: Operation, request: IncomingMessage): Promise<unknown> {
  const body = await readJsonBody(request);
  if (body !== undefined && body !== null) return body;
  if (isBodyOptional(operation)) return {};
  throw new BodyInvalidError([{ loc: ['body'], msg: 'Field required', type: 'missing' }]);
}

function faultAnswer(fault: Extract<FaultAction, { status: number }>): Answer {
  if (fault.status === 204) return textAnswer(204, PROBLEM_JSON, '');
  const problem = new ProblemError(fault.status, 'The fault that was asked for.');
  const retryAfter: Record<string, string> =
    fault.retry_after === undefined ? {} : { 'Retry-After': String(fault.retry_after) };
  const answer =
    typeof fault.body === 'string'
      ? textAnswer(fault.status, 'text/html', fault.body)
      : jsonAnswer(fault.status, fault.body ?? problem.body(), PROBLEM_JSON);
  return { ...answer, headers: { ...answer.headers, ...fault.headers, ...retryAfter } };
}

/** @throws the error itself if it is none that the API would answer */
export function errorAnswer(error: unknown): Answer {
  if (error instanceof BodyInvalidError) return jsonAnswer(error.status, error.body());
  if (!(error instanceof ProblemError)) throw error;
  const answer = jsonAnswer(error.status, error.body(), PROBLEM_JSON);
  return { ...answer, headers: { ...answer.headers, ...error.headers } };
}
