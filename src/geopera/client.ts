import { setTimeout as delay } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { z } from 'zod';
import type { Operation } from '../operations/operation.ts';
import { GeoperaError } from './geopera_error.ts';
import { parseProblem } from './problems.ts';
import { waitBeforeRetry } from './retry_policy.ts';

/** Far above any JSON answer of the API; a body beyond it is no answer of ours. */
const MAX_JSON_BYTES = 32 * 1024 * 1024;
/** Completing a session runs a pipeline over its files before it answers. */
const ANSWER_TIMEOUT_MS = 600_000;
/** The API counts in windows of a minute, so a wait that it asks for is within this. */
const DEFAULT_PATIENCE_MS = 75_000;
const USERINFO_PATH = '/realms/public/protocol/openid-connect/userinfo';

/** Codes of failures that come before the request is on the wire. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What a `file` operation may answer. The caller must consume or discard a `body`. */
export type FileAnswer =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'redirect'; readonly location: string }
  | {
      readonly kind: 'body';
      readonly headers: Readonly<Record<string, string | undefined>>;
      readonly body: AsyncIterable<Uint8Array>;
      discard(): void;
    };

export interface GeoperaClient {
  /** Calls an operation whose answer is JSON. Throws `GeoperaError`, or the signal's reason. */
  call<Input extends z.AnyZodObject, Output extends z.ZodTypeAny>(
    operation: Operation<Input, Output>,
    input: z.input<Input>,
    signal: AbortSignal,
  ): Promise<z.output<Output>>;
  /** Calls an operation of response kind `file`. Redirects are told, never followed. */
  openFile<Input extends z.AnyZodObject>(
    operation: Operation<Input>,
    input: z.input<Input>,
    signal: AbortSignal,
  ): Promise<FileAnswer>;
  /** Who the token belongs to, by the OIDC userinfo endpoint. */
  userinfo(signal: AbortSignal): Promise<unknown>;
}

export interface GeoperaClientOptions {
  /** e.g. `https://api.geopera.com`, without a trailing slash. */
  readonly apiUrl: string;
  /** API key or session token; without one every call throws `no_token`. */
  readonly token?: string | undefined;
  /** The longest that one call may wait between its tries, in all; a minute and a bit if absent. */
  readonly patienceMs?: number;
  readonly dispatcher?: () => Promise<Dispatcher>;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now?: () => number;
  readonly random?: () => number;
}

/** `POST {apiUrl}/v1/op/{id}` with a Bearer token: the one form that every document agrees on. */
export function createGeoperaClient(options: GeoperaClientOptions): GeoperaClient {
  const wait = options.wait ?? ((ms, signal) => delay(ms, undefined, { signal }));
  const now = options.now ?? Date.now;
  const random = options.random ?? Math.random;

  async function send(
    name: string,
    method: 'GET' | 'POST',
    path: string,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    if (options.token === undefined) {
      throw new GeoperaError({
        kind: 'no_token',
        operationId: name,
        detail: 'no Geopera token is configured',
      });
    }
    const { request } = await import('undici');
    try {
      return await request(`${options.apiUrl}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${options.token}`,
          accept: 'application/json, */*;q=0.5',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
        ...(options.dispatcher === undefined ? {} : { dispatcher: await options.dispatcher() }),
        headersTimeout: ANSWER_TIMEOUT_MS,
        signal,
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw unreachable(name, cause);
    }
  }

  async function readJson(name: string, answer: Dispatcher.ResponseData, signal: AbortSignal) {
    const text = await readText(name, answer, signal);
    if (text === '') return undefined;
    try {
      return JSON.parse(text);
    } catch {
      throw unexpectedAnswer(name, 'the answer is not JSON');
    }
  }

  async function refuse(name: string, answer: Dispatcher.ResponseData, signal: AbortSignal) {
    const body = await readText(name, answer, signal);
    return parseProblem(name, {
      status: answer.statusCode,
      headers: answer.headers,
      body,
      now: now(),
    });
  }

  async function post(
    operation: Operation,
    input: unknown,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const body = JSON.stringify(operation.input.parse(input));
    let patience = options.patienceMs ?? DEFAULT_PATIENCE_MS;
    for (let tries = 1; ; tries += 1) {
      try {
        const answer = await send(operation.id, 'POST', `/v1/op/${operation.id}`, body, signal);
        if (answer.statusCode < 400) return answer;
        throw await refuse(operation.id, answer, signal);
      } catch (failure) {
        if (!(failure instanceof GeoperaError)) throw failure;
        const ms = waitBeforeRetry(failure, operation.repeatable, tries, patience, random);
        if (ms === undefined) throw failure;
        patience -= ms;
        await wait(ms, signal);
      }
    }
  }

  return {
    async call(operation, input, signal) {
      const answer = await post(operation, input, signal);
      if (answer.statusCode >= 300) {
        await discardBody(answer);
        throw unexpectedAnswer(operation.id, `an unexpected redirect (${answer.statusCode})`);
      }
      const parsed = operation.output.safeParse(await readJson(operation.id, answer, signal));
      if (parsed.success) return parsed.data;
      const where = parsed.error.issues.map((issue) => issue.path.join('.') || 'body');
      throw unexpectedAnswer(operation.id, `the answer lacks or misstates: ${where.join(', ')}`);
    },

    async openFile(operation, input, signal) {
      const answer = await post(operation, input, signal);
      if (answer.statusCode >= 300) {
        await discardBody(answer);
        return { kind: 'redirect', location: redirectTarget(operation.id, answer, options.apiUrl) };
      }
      const headers = singleHeaders(answer.headers);
      if (isJson(headers['content-type'])) {
        return { kind: 'json', value: await readJson(operation.id, answer, signal) };
      }
      return { kind: 'body', headers, body: answer.body, discard: () => answer.body.destroy() };
    },

    async userinfo(signal) {
      const answer = await send('userinfo', 'GET', USERINFO_PATH, undefined, signal);
      if (answer.statusCode >= 300) throw await refuse('userinfo', answer, signal);
      return readJson('userinfo', answer, signal);
    },
  };
}

async function readText(
  name: string,
  answer: Dispatcher.ResponseData,
  signal: AbortSignal,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer.body) {
      bytes += chunk.length;
      if (bytes > MAX_JSON_BYTES) throw unexpectedAnswer(name, 'the answer is too large');
      chunks.push(chunk);
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof GeoperaError ? cause : unreachable(name, cause);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function discardBody(answer: Dispatcher.ResponseData): Promise<void> {
  await answer.body.dump();
}

function redirectTarget(name: string, answer: Dispatcher.ResponseData, apiUrl: string): string {
  const location = singleHeaders(answer.headers)['location'];
  if (location === undefined || !URL.canParse(location, apiUrl)) {
    throw unexpectedAnswer(name, 'a redirect that names no target');
  }
  return new URL(location, apiUrl).href;
}

function singleHeaders(
  headers: Dispatcher.ResponseData['headers'],
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(contentType ?? '');
}

function unexpectedAnswer(operationId: string, detail: string): GeoperaError {
  return new GeoperaError({ kind: 'unexpected_answer', operationId, detail, fateUnknown: true });
}

function unreachable(operationId: string, cause: unknown): GeoperaError {
  const code = errorCode(cause);
  return new GeoperaError({
    kind: 'unreachable',
    operationId,
    detail: `the API gave no answer (${code})`,
    fateUnknown: !NEVER_SENT.has(code),
    cause,
  });
}

function errorCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string')
    return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
