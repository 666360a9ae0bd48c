import { z } from 'zod';
import { jsonOrNothing } from '../../geopera/json_text.ts';
import { plainText } from '../../geopera/plain_text.ts';
import { retryAfterSeconds } from '../../geopera/retry_after.ts';
import { ServiceError, type ServiceErrorKind, type ServiceName } from './service_error.ts';

const KIND_BY_STATUS: Readonly<Record<number, ServiceErrorKind>> = {
  400: 'invalid_input',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  410: 'gone',
  411: 'invalid_input',
  413: 'too_large',
  422: 'invalid_input',
  429: 'rate_limited',
  501: 'rejected',
};

/** A member that is not in the form we know says nothing, and spoils none of the others. */
const words = () => z.string().optional().catch(undefined);

const faultOfField = z
  .object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() })
  .transform(({ loc, msg }) => `${loc.slice(loc[0] === 'body' ? 1 : 0).join('.')}: ${msg}`);

/**
 * Every error body that the services are known to send: FastAPI's `detail` as a text or a list of faults,
 * an `error` with a code and facts of its own (contracts), a Problem (RFC 9457), an OAuth refusal.
 */
const errorBody = z.object({
  detail: z
    .union([
      z.string(),
      z.array(faultOfField).transform((faults) => faults.join('; ')),
      z.record(z.unknown()).transform(inWords),
    ])
    .optional()
    .catch(undefined),
  error: z
    .union([
      z.object({ code: words(), message: words() }).passthrough(),
      z.string().transform((message) => ({ code: undefined, message })),
    ])
    .optional()
    .catch(undefined),
  title: words(),
  message: words(),
  error_description: words(),
});

export interface ServiceRefusal {
  readonly service: ServiceName;
  readonly call: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Headers of the request: a service may quote the credentials in them, which nobody else is to see. */
  readonly sent?: Readonly<Record<string, string>>;
  /** The body as text; anything, also HTML or nothing. */
  readonly body: string;
  /** Milliseconds since the epoch, for a `Retry-After` given as a date. */
  readonly now: number;
}

/** Reads any answer of refusal into the one typed error. */
export function parseServiceProblem(refusal: ServiceRefusal): ServiceError {
  const { service, call, status, headers, sent = {}, now } = refusal;
  const body = withoutCredentials(refusal.body, sent);
  const json = jsonOrNothing(body);
  const parsed = errorBody.safeParse(json);
  const said = parsed.success ? wordsOf(parsed.data) : '';
  const isPage = json === undefined && body.trim() !== '';
  return new ServiceError({
    service,
    call,
    kind: kindOf(status, isPage),
    detail: plainText(said) || `HTTP ${status} without an explanation`,
    status,
    code: parsed.success ? codeOf(parsed.data) : undefined,
    retryAfterSeconds: retryAfterSeconds(headers['retry-after'], now),
    fateUnknown: status >= 500 && status !== 501,
  });
}

/** Headers that say who we are. */
const IDENTITY: ReadonlySet<string> = new Set(['authorization', 'x-api-key']);

/** Not every credential has a form of its own, so that these are known by what was sent. */
function withoutCredentials(body: string, sent: Readonly<Record<string, string>>): string {
  const credentials = Object.entries(sent)
    .filter(([name, value]) => IDENTITY.has(name) && value !== '')
    .map(([, value]) => value.replace(/^Bearer /, ''));
  return credentials.reduce((text, credential) => text.replaceAll(credential, '…'), body);
}

type ErrorBody = z.output<typeof errorBody>;

function wordsOf({ detail, error, title, message, error_description }: ErrorBody): string {
  const told = [error_description, error && errorInWords(error), detail, title, message];
  return told.find((it) => it !== undefined && it !== '') ?? '';
}

/** Facts of an error, such as which column, row and value, stand beside its words. */
function errorInWords({
  code: _code,
  message,
  ...facts
}: Exclude<ErrorBody['error'], undefined>): string | undefined {
  const more = inWords(facts);
  return message === undefined || more === '' ? message : `${message} (${more})`;
}

function inWords(facts: Readonly<Record<string, unknown>>): string {
  const told = [facts['message'], facts['msg']].find((it) => typeof it === 'string');
  if (typeof told === 'string') return told;
  return Object.entries(facts)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

function codeOf({ error }: ErrorBody): string | undefined {
  const code = error?.code;
  return code !== undefined && /^[\w.-]{1,80}$/.test(code) ? code : undefined;
}

function kindOf(status: number, isPage: boolean): ServiceErrorKind {
  // The service's own 404 is JSON; a page is somebody else's.
  if (status === 404 && isPage) return 'not_the_api';
  return KIND_BY_STATUS[status] ?? (status >= 500 ? 'unavailable' : 'rejected');
}
