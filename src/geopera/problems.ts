import { z } from 'zod';
import { GeoperaError, type GeoperaErrorKind, type RefusedField } from './geopera_error.ts';
import { jsonOrNothing } from './json_text.ts';
import { plainText } from './plain_text.ts';
import { retryAfterSeconds } from './retry_after.ts';

const KIND_BY_STATUS: Readonly<Record<number, GeoperaErrorKind>> = {
  400: 'invalid_input',
  401: 'unauthenticated',
  402: 'payment_required',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  410: 'gone',
  422: 'invalid_input',
  429: 'rate_limited',
  501: 'rejected',
};

/** The scope refusal as the API words it: `missing scope 'orders:write' for 'orders.archive.place'`. */
const MISSING_SCOPE = /missing scope '([^']+)' for '([^']+)'/;

const refusedField = z.object({
  loc: z.array(z.union([z.string(), z.number()])),
  msg: z.string(),
});

/** A member that is not in the form we know says nothing, and spoils none of the others. */
const words = () => z.string().optional().catch(undefined);

/**
 * Every error body that the API is known to send: a Problem, FastAPI's 422 whose `detail` is an
 * array (or, for an error of the application's own, an object), and the OAuth form of its sign-in
 * endpoints.
 */
const errorBody = z.object({
  detail: z
    .union([z.string(), z.array(refusedField), z.record(z.unknown()).transform(messageIn)])
    .optional()
    .catch(undefined),
  title: words(),
  message: words(),
  error_description: words(),
  error: words(),
});

export interface RefusalAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as text; anything, also HTML or nothing. */
  readonly body: string;
  /** Milliseconds since the epoch, for a `Retry-After` given as a date. */
  readonly now: number;
}

/** Reads any non-2xx answer into the one typed error. */
export function parseProblem(operationId: string, answer: RefusalAnswer): GeoperaError {
  const json = jsonOrNothing(answer.body);
  const body = errorBody.safeParse(json);
  const fields = body.success ? refusedFields(body.data.detail) : [];
  const detail = plainText(
    fields.length > 0
      ? fields.map(({ field, message }) => `${field}: ${message}`).join('; ')
      : body.success
        ? firstWords(body.data)
        : '',
  );
  const scope = answer.status === 403 ? MISSING_SCOPE.exec(detail)?.[1] : undefined;
  const retryAfter = retryAfterSeconds(answer.headers['retry-after'], answer.now);
  return new GeoperaError({
    kind:
      scope !== undefined
        ? 'missing_scope'
        : kindOf(answer.status, json === undefined && answer.body.trim() !== ''),
    operationId,
    detail: detail === '' ? `HTTP ${answer.status} without an explanation` : detail,
    status: answer.status,
    fields,
    ...(scope === undefined ? {} : { scope }),
    ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
    fateUnknown: answer.status >= 500 && answer.status !== 501,
  });
}

function messageIn({ message, msg }: Record<string, unknown>): string | undefined {
  return [message, msg].filter((it) => typeof it === 'string')[0];
}

function kindOf(status: number, isPage: boolean): GeoperaErrorKind {
  // The API's own 404 is a Problem; a page is somebody else's.
  if (status === 404 && isPage) return 'not_the_api';
  return KIND_BY_STATUS[status] ?? (status >= 500 ? 'unavailable' : 'rejected');
}

function refusedFields(detail: z.output<typeof errorBody>['detail']): RefusedField[] {
  if (!Array.isArray(detail)) return [];
  return detail.map(({ loc, msg }) => ({
    field: plainText((loc[0] === 'body' ? loc.slice(1) : loc).join('.')),
    message: plainText(msg),
  }));
}

function firstWords(body: z.output<typeof errorBody>): string {
  const detail = typeof body.detail === 'string' ? body.detail : undefined;
  const all = [detail, body.title, body.message, body.error_description, body.error];
  return all.find((words) => words !== undefined && words !== '') ?? '';
}
