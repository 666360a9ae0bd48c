import type { Dispatcher } from 'undici';
import { GeoperaError } from './geopera_error.ts';
import { jsonOrNothing } from './json_text.ts';
import { lostRequest } from './lost_request.ts';
import { parseProblem } from './problems.ts';

/** Far above any JSON answer of the API; a body beyond it is no answer of ours. */
const MAX_JSON_BYTES = 32 * 1024 * 1024;

/** What a `file` operation may answer. The caller must consume or discard a `body`. */
export type FileAnswer =
  | { readonly kind: 'json'; readonly value: unknown }
  | {
      readonly kind: 'redirect';
      readonly location: string;
      /** Address that was asked. */
      readonly from: string;
    }
  | {
      readonly kind: 'body';
      readonly headers: Readonly<Record<string, string | undefined>>;
      readonly body: AsyncIterable<Uint8Array>;
      discard(): void;
    };

/** One answer of the API, and the request that it belongs to. */
export interface ApiAnswer {
  /** Operation id, for error messages. */
  readonly name: string;
  /** Address of the request. */
  readonly url: string;
  readonly signal: AbortSignal;
  readonly http: Dispatcher.ResponseData;
}

/** The JSON of an answer; `undefined` for an empty body. Throws `GeoperaError`. */
export async function readJson(answer: ApiAnswer): Promise<unknown> {
  if (answer.http.statusCode >= 300) {
    leaveUnread(answer.http.body);
    const status = answer.http.statusCode;
    throw notTheApi(answer.name, `the answer is a redirect (${status})`, false);
  }
  mustBePlain(answer);
  const text = await readText(answer);
  const value = jsonOrNothing(text);
  if (value === undefined && text !== '') throw noJson(answer);
  return value;
}

function noJson({ name }: ApiAnswer): GeoperaError {
  return notTheApi(name, 'the answer is not JSON', true);
}

/** Any of the three forms of a file answer. Redirects are told, never followed. */
export async function readFileAnswer(answer: ApiAnswer): Promise<FileAnswer> {
  const { http } = answer;
  const headers = singleHeaders(http.headers);
  if (http.statusCode >= 300) {
    leaveUnread(http.body);
    const location = redirectTarget(answer, headers['location']);
    return { kind: 'redirect', location, from: answer.url };
  }
  mustBePlain(answer);
  if (isJson(headers['content-type'])) return jsonOrLines(answer, headers);
  // A status that says that nothing comes is as good as a length that says so.
  const stated = http.statusCode === 204 ? { ...headers, 'content-length': '0' } : headers;
  return { kind: 'body', headers: stated, body: http.body, discard: () => leaveUnread(http.body) };
}

/** Nothing is asked for packed, so what packs it all the same is somebody on the way. */
function mustBePlain({ name, http }: ApiAnswer): void {
  const encoding = String(http.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding === 'identity' || encoding === '') return;
  leaveUnread(http.body);
  throw unexpectedAnswer(name, 'the answer is compressed although it was asked for as it is');
}

/** What is sent as JSON may be a line of JSON after the other: such a body is handed on as it came. */
async function jsonOrLines(
  answer: ApiAnswer,
  headers: Readonly<Record<string, string | undefined>>,
): Promise<FileAnswer> {
  const text = await readText(answer);
  const value = jsonOrNothing(text);
  if (value !== undefined || text === '') return { kind: 'json', value };
  if (jsonOrNothing(text.slice(0, text.indexOf('\n') + 1)) === undefined) throw noJson(answer);
  async function* body() {
    yield Buffer.from(text);
  }
  const lines = { ...headers, 'content-type': 'application/x-ndjson' };
  return { kind: 'body', headers: lines, body: body(), discard: () => undefined };
}

/** The error that a refusal (status 400 and above) tells. */
export async function readRefusal(answer: ApiAnswer, now: number): Promise<GeoperaError> {
  const { statusCode: status, headers } = answer.http;
  // The status has said what matters; a body that breaks off takes nothing of it back.
  const body = await readText(answer).catch(() => '');
  answer.signal.throwIfAborted();
  return parseProblem(answer.name, { status, headers, body, now });
}

/** An answer came, but not in a form that we know. */
export function unexpectedAnswer(operationId: string, detail: string): GeoperaError {
  return new GeoperaError({ kind: 'unexpected_answer', operationId, detail, fateUnknown: true });
}

/** Something answered that does not speak as the API does: a proxy, a sign-in page, another path. */
export function notTheApi(operationId: string, detail: string, fateUnknown: boolean): GeoperaError {
  return new GeoperaError({ kind: 'not_the_api', operationId, detail, fateUnknown });
}

/** No answer came, or it broke off. */
export function unreachable(operationId: string, cause: unknown): GeoperaError {
  const { code, mayHaveArrived } = lostRequest(cause);
  return new GeoperaError({
    kind: 'unreachable',
    operationId,
    detail: `the API gave no answer (${code})`,
    fateUnknown: mayHaveArrived,
    cause,
  });
}

/** Closes a body of which nothing more is wanted, and waits for none of it. */
function leaveUnread(body: ApiAnswer['http']['body']): void {
  // Also one that came whole fails by that, and a failure that nobody hears ends the process.
  body.on('error', () => undefined);
  body.destroy();
}

async function readText({ name, signal, http }: ApiAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of http.body) {
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

function redirectTarget({ name, url }: ApiAnswer, location: string | undefined): string {
  if (location === undefined || !URL.canParse(location, url)) {
    throw unexpectedAnswer(name, 'a redirect that names no target');
  }
  const target = new URL(location, url);
  // The user may be told to open it.
  if (!/^https?:$/.test(target.protocol)) throw unexpectedAnswer(name, 'a redirect to no web page');
  return target.href;
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
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType ?? '');
}
