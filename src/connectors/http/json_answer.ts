import { jsonOrNothing } from '../../geopera/json_text.ts';
import { lostRequest } from '../../geopera/lost_request.ts';
import { withinSeconds } from '../../geopera/within_seconds.ts';
import type { Clock } from '../../transfer/clock.ts';
import { ServiceError, type ServiceErrorKind } from './service_error.ts';
import { parseServiceProblem } from './service_problem.ts';
import type { ServiceAccess, ServiceAnswer, ServiceRequest } from './service_request.ts';

/** How long an answer may go on once it has begun. */
const BODY_SECONDS = 15;
/** Far above any answer of a service. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** A request with a small body or none, over undici; its answer is JSON or nothing. Throws `ServiceError`. */
export async function readJsonAnswer(
  wanted: Omit<ServiceRequest, 'bytes'> & Required<Pick<ServiceRequest, 'headers'>>,
  { service, baseUrl, dispatcher }: ServiceAccess,
  clock: Pick<Clock, 'now'>,
): Promise<ServiceAnswer> {
  const { call, method, path, json, form, answerSeconds, signal } = wanted;
  const { request } = await import('undici');
  const unexpected = (kind: ServiceErrorKind, detail: string) =>
    new ServiceError({ service, call, kind, detail, fateUnknown: true });
  const body = bodyOf(json, form);
  const seconds = answerSeconds + BODY_SECONDS;
  const late = () => unexpected('unreachable', `no whole answer in ${seconds} seconds`);
  try {
    return await withinSeconds(seconds, signal, late, async (limited) => {
      const http = await request(`${baseUrl}${path}`, {
        method,
        headers: { ...body.headers, ...wanted.headers },
        ...(body.text !== undefined && { body: body.text }),
        dispatcher: await dispatcher(),
        headersTimeout: answerSeconds * 1000,
        signal: limited,
      });
      const text = await textOf(http.body, () =>
        unexpected('unexpected_answer', 'the answer is too large'),
      );
      const { statusCode: status, headers } = http;
      const sent = wanted.headers;
      return answerOf({ service, call, status, headers, sent, body: text, now: clock.now() });
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof ServiceError ? cause : unreachable({ service, call }, cause);
  }
}

/** What an answer says, whatever its status. Throws `ServiceError` for one that is no success. */
export function answerOf(answer: Parameters<typeof parseServiceProblem>[0]): ServiceAnswer {
  const { service, call, status, body } = answer;
  if (status >= 400) throw parseServiceProblem(answer);
  if (status >= 300) {
    throw new ServiceError({
      service,
      call,
      kind: 'not_the_api',
      detail: `the answer is a redirect (${status})`,
    });
  }
  if (body.trim() === '') return { status, json: undefined };
  const json = jsonOrNothing(body);
  if (json !== undefined) return { status, json };
  const detail = 'the answer is not JSON';
  throw new ServiceError({ service, call, kind: 'not_the_api', detail, fateUnknown: true });
}

/**
 * No answer came, or it broke off.
 *
 * @param socket what failed below `cause`, where that is another's word for it
 */
export function unreachable(
  { service, call }: Pick<ServiceError, 'service' | 'call'>,
  cause: unknown,
  socket = cause,
): ServiceError {
  const { code, mayHaveArrived } = lostRequest(socket);
  return new ServiceError({
    service,
    call,
    kind: 'unreachable',
    detail: `no answer came (${code})`,
    fateUnknown: mayHaveArrived,
    cause,
  });
}

function bodyOf(json: unknown, form: ServiceRequest['form']) {
  if (form !== undefined) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { headers, text: new URLSearchParams(form).toString() };
  }
  if (json === undefined) return { headers: {}, text: undefined };
  return { headers: { 'content-type': 'application/json' }, text: JSON.stringify(json) };
}

async function textOf(
  body: AsyncIterable<Uint8Array>,
  tooLarge: () => ServiceError,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
