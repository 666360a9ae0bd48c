import type { Dispatcher } from 'undici';
import { type ApiAnswer, readJson, readRefusal, unreachable } from './answers.ts';
import { withDeadline } from './deadline.ts';
import { GeoperaError } from './geopera_error.ts';

/** Where the API publishes its operations, for everybody. */
const OPENAPI_PATH = '/openapi.json';
const ANSWER_SECONDS = 20;
const NAME = 'openapi.json';

/** What answered at the address of the API, when it was asked for its OpenAPI document. */
export interface OpenapiAnswer {
  readonly status: number;
  /** How far its clock is ahead of ours, in milliseconds, within a second; undefined if it told no time. */
  readonly clockAheadMs: number | undefined;
  /** The JSON that came, or why none did. */
  readonly document: { readonly json: unknown } | { readonly failure: GeoperaError };
}

export interface OpenapiRequest {
  readonly apiUrl: string;
  readonly dispatcher?: () => Promise<Dispatcher>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** How long all of it may take. */
  readonly answerSeconds?: number;
}

/** Asks without a token. Throws `GeoperaError` if nothing answers, or the signal's reason. */
export function fetchOpenapi(
  { apiUrl, dispatcher, now, answerSeconds = ANSWER_SECONDS }: OpenapiRequest,
  signal: AbortSignal,
): Promise<OpenapiAnswer> {
  return withDeadline(NAME, answerSeconds, signal, async (limited) => {
    const { request } = await import('undici');
    const url = `${apiUrl}${OPENAPI_PATH}`;
    const through = await dispatcher?.();
    const asked = now();
    const http = await request(url, {
      headers: { accept: 'application/json' },
      ...(through === undefined ? {} : { dispatcher: through }),
      signal: limited,
    }).catch((cause: unknown) => {
      limited.throwIfAborted();
      throw unreachable(NAME, cause);
    });
    const answered = now();
    const answer = { name: NAME, url, signal: limited, http };
    return {
      status: http.statusCode,
      clockAheadMs: clockAhead(http.headers, (asked + answered) / 2),
      document: await documentIn(answer, answered).catch((failure: unknown) => {
        signal.throwIfAborted();
        // It did answer, also where the rest takes too long.
        if (failure instanceof GeoperaError) return { failure };
        throw failure;
      }),
    };
  });
}

async function documentIn(answer: ApiAnswer, now: number): Promise<OpenapiAnswer['document']> {
  if (answer.http.statusCode >= 400) return { failure: await readRefusal(answer, now) };
  return { json: await readJson(answer) };
}

function clockAhead(
  headers: Dispatcher.ResponseData['headers'],
  ourMs: number,
): number | undefined {
  const { date, age } = headers;
  const theirs = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(theirs)) return undefined;
  // A cache hands out the time at which it was given the answer, and how long ago that was.
  const cachedMs = typeof age === 'string' && /^\d{1,9}$/.test(age) ? Number(age) * 1000 : 0;
  return theirs + cachedMs - ourMs;
}
