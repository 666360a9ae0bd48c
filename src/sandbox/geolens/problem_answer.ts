import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { type Answer, jsonAnswer } from '../delivery.ts';
import { BodyInvalidError, PROBLEM_JSON, ProblemError } from '../problems.ts';
import type { ExchangeFault } from './geolens_faults.ts';

/** What an error is answered as; undefined for one that the service does not know. */
export function errorAnswer(request: IncomingMessage, error: unknown): Answer | undefined {
  if (error instanceof BodyInvalidError) return problemAnswer(422, flattened(error));
  if (!(error instanceof ProblemError)) return undefined;
  const named: Record<string, string> = error.status === 500 ? requestId(request) : {};
  return problemAnswer(error.status, error.detail, { ...error.headers, ...named });
}

/** The answer that a fault of a status stands for. */
export function faultAnswer({ status, body, headers, retry_after }: StatusFault): Answer {
  const wait: Record<string, string> =
    retry_after === undefined ? {} : { 'Retry-After': String(retry_after) };
  return problemAnswer(status, body ?? 'The fault that was asked for.', { ...headers, ...wait });
}

type StatusFault = Extract<ExchangeFault, { status: number }>;

/** @param detail a text, or what an endpoint puts in its place: an object, a list */
function problemAnswer(
  status: number,
  detail: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const title = STATUS_CODES[status] ?? 'Error';
  const problem = { type: 'about:blank', title, status, detail };
  const answer = jsonAnswer(status, problem, PROBLEM_JSON);
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

/** GeoLens makes one text of what FastAPI answers as a list. */
function flattened({ details }: BodyInvalidError): string {
  return details.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; ');
}

function requestId({ headers }: IncomingMessage): Record<string, string> {
  const given = headers['x-request-id'];
  return { 'X-Request-ID': typeof given === 'string' ? given : randomUUID() };
}
