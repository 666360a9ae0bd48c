import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { z } from 'zod';
import type { Operation } from '../operations/operation.ts';
import {
  type ApiAnswer,
  type FileAnswer,
  readFileAnswer,
  readJson,
  readRefusal,
  unexpectedAnswer,
  unreachable,
} from './answers.ts';
import { withDeadline } from './deadline.ts';
import { GeoperaError } from './geopera_error.ts';
import { plainNames } from './plain_text.ts';
import { REALM_PATH } from './realm.ts';
import { waitBeforeRetry } from './retry_policy.ts';

/** How long an answer may go on once it has begun. */
const BODY_SECONDS = 15;
const USERINFO_SECONDS = 5;
/**
 * A longer body may be refused before all of it is read, and whatever followed it on its connection
 * would wait behind it: so nothing does.
 */
const MOST_CHARS_SHARED = 16 * 1024;
/** The API counts in windows of a minute, so a wait that it asks for is within this. */
const DEFAULT_PATIENCE_MS = 75_000;
const USERINFO_PATH = `${REALM_PATH}/protocol/openid-connect/userinfo`;

export interface CallTerms {
  /** The longest that it may wait between its tries, in all; a minute and a bit if absent. */
  readonly patienceMs?: number;
  /** For an operation that takes one: the same for what shall be done once; a new one if absent. */
  readonly idempotencyKey?: string;
}

export interface GeoperaClient {
  /** Calls an operation whose answer is JSON. Throws `GeoperaError`, or the signal's reason. */
  call<Input extends z.AnyZodObject, Output extends z.ZodTypeAny>(
    operation: Operation<Input, Output>,
    input: z.input<Input>,
    signal: AbortSignal,
    terms?: CallTerms,
  ): Promise<z.output<Output>>;
  /** The same, for whoever is better served with what the API said than with an error about its form. */
  callUntyped(
    operation: Operation,
    input: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
    terms?: CallTerms,
  ): Promise<unknown>;
  /** Calls an operation of response kind `file`. Redirects are told, never followed. */
  openFile<Input extends z.AnyZodObject>(
    operation: Operation<Input>,
    input: z.input<Input>,
    signal: AbortSignal,
    terms?: CallTerms,
  ): Promise<FileAnswer>;
  /** Who the token belongs to, by the OIDC userinfo endpoint. */
  userinfo(signal: AbortSignal): Promise<unknown>;
}

export interface GeoperaClientOptions {
  /** e.g. `https://api.geopera.com`, without a trailing slash. */
  readonly apiUrl: string;
  /**
   * API key or session token, asked for at each request, since it may be renewed during a long act;
   * without one every call throws `no_token`.
   */
  readonly token: () => string | undefined;
  readonly dispatcher?: () => Promise<Dispatcher>;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now?: () => number;
  readonly random?: () => number;
}

interface ApiRequest {
  /** Operation id, for error messages. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answerSeconds: number;
  readonly signal: AbortSignal;
}

/** `POST {apiUrl}/v1/op/{id}` with a Bearer token: the one form that every document agrees on. */
export function createGeoperaClient(options: GeoperaClientOptions): GeoperaClient {
  const wait = options.wait ?? ((ms, signal) => delay(ms, undefined, { signal }));
  const now = options.now ?? Date.now;
  const random = options.random ?? Math.random;

  /** One request. Throws if no answer comes, and if the answer is a refusal. */
  async function send(call: ApiRequest): Promise<ApiAnswer> {
    const { name, method, path, body, signal } = call;
    const token = options.token();
    if (token === undefined) {
      const detail = 'no Geopera token is configured';
      throw new GeoperaError({ kind: 'no_token', operationId: name, detail });
    }
    const { request } = await import('undici');
    const url = `${options.apiUrl}${path}`;
    const dispatcher = await options.dispatcher?.();
    const http = await request(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json, */*;q=0.5',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
      ...(body === undefined ? {} : { body, reset: body.length > MOST_CHARS_SHARED }),
      ...(dispatcher === undefined ? {} : { dispatcher }),
      headersTimeout: call.answerSeconds * 1000,
      signal,
    }).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw unreachable(name, cause);
    });
    const answer = { name, url, signal, http };
    if (http.statusCode >= 400) throw await readRefusal(answer, now());
    return answer;
  }

  /** Sends an operation and reads its answer, again where the policy says so. */
  async function invoke<T>(
    operation: Operation,
    input: unknown,
    signal: AbortSignal,
    { patienceMs = DEFAULT_PATIENCE_MS, idempotencyKey }: CallTerms,
    read: (answer: ApiAnswer) => Promise<T>,
  ): Promise<T> {
    const { id: name, answerSeconds } = operation;
    const body = JSON.stringify(operation.input.parse(input));
    const path = `/v1/op/${name}`;
    // The same at every try: it is one act, however often it is asked for.
    const headers: Record<string, string> = operation.idempotencyKey
      ? { 'idempotency-key': idempotencyKey ?? randomUUID() }
      : {};
    const post = { name, method: 'POST', path, body, headers, answerSeconds } as const;
    let patience = patienceMs;
    for (let tries = 1; ; tries += 1) {
      try {
        return await withDeadline(name, answerSeconds + BODY_SECONDS, signal, async (limited) =>
          read(await send({ ...post, signal: limited })),
        );
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
    async call(operation, input, signal, terms = {}) {
      const answer = await invoke(operation, input, signal, terms, readJson);
      const parsed = operation.output.safeParse(answer);
      if (parsed.success) return parsed.data;
      const where = parsed.error.issues.map((issue) => issue.path.join('.') || 'body');
      throw unexpectedAnswer(operation.id, `the answer lacks or misstates: ${plainNames(where)}`);
    },

    callUntyped: (operation, input, signal, terms = {}) =>
      invoke(operation, input, signal, terms, readJson),

    openFile: (operation, input, signal, terms = {}) =>
      invoke(operation, input, signal, terms, readFileAnswer),

    async userinfo(signal) {
      const request = { name: 'userinfo', method: 'GET', path: USERINFO_PATH, signal } as const;
      return readJson(await send({ ...request, answerSeconds: USERINFO_SECONDS }));
    },
  };
}
