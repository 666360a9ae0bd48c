import type { Outcome, TransferErrorCode } from './transfer_error.ts';

/** Why a URL is asked for: the first one, because the last one had run out, or for another try. */
export type OpenReason = 'first' | 'expired' | 'retry';

/** What is left of a failed attempt for the next one: of a whole-file PUT nothing, of a range what came. */
export type Kept = 'nothing' | 'progress';

/** Failures without progress after which an act ends, whatever they were. The defaults; see `limits`. */
export const FAILURE_BUDGETS: Readonly<Record<Kept, number>> = { nothing: 4, progress: 8 };

/** So many bytes that are kept end a row of failures: the counting starts anew. */
export const PROGRESS_BYTES = 1024 * 1024;

/** What one outcome allows. */
export interface RetryRule {
  /** How often, without progress, this outcome may be answered with another attempt. */
  readonly retries: number;
  /** Whether to back off before that attempt. */
  readonly pause: boolean;
  /** What the caller's `sign` or `open` is told. */
  readonly reason: OpenReason;
  /** The failure does not count towards the budget. */
  readonly free?: boolean;
  /** What it is taken for once its retries are used up; without it, the act ends. */
  readonly afterwards?: Outcome;
}

/** The policy; what it means is in `retrying.ts`. */
export const RETRY_RULES: Readonly<Record<Outcome, RetryRule>> = {
  expired: { retries: 2, pause: false, reason: 'expired' },
  // A stale signing key heals with one new signature; a header that differs never does.
  signature: { retries: 1, pause: false, reason: 'retry' },
  // As often as the budget allows.
  throttled: { retries: Number.POSITIVE_INFINITY, pause: true, reason: 'retry' },
  transient: { retries: Number.POSITIVE_INFINITY, pause: true, reason: 'retry' },
  mismatch: { retries: 1, pause: true, reason: 'retry' },
  // A server may close a connection that it kept alive in the moment in which it is used again.
  idle_closed: { retries: 1, pause: false, reason: 'retry', free: true, afterwards: 'transient' },
  // Of a source: it was asked again as often as it may be, before its upload heard of it.
  given_up: { retries: 0, pause: false, reason: 'retry' },
  fatal: { retries: 0, pause: false, reason: 'retry' },
};

/** By HTTP status, where storage gives no code of its own. A status not listed is fatal. */
export const STATUS_OUTCOMES: ReadonlyMap<number, Outcome> = new Map<number, Outcome>([
  [401, 'expired'],
  [403, 'expired'],
  [408, 'transient'],
  [410, 'expired'],
  [425, 'transient'],
  [429, 'throttled'],
  [500, 'transient'],
  [502, 'transient'],
  [503, 'throttled'],
  [504, 'transient'],
  [520, 'transient'],
  [521, 'transient'],
  [522, 'transient'],
  [523, 'transient'],
  [524, 'transient'],
]);

/** By the `<Code>` of storage's error document. */
export const STORAGE_CODE_OUTCOMES: ReadonlyMap<string, Outcome> = new Map<string, Outcome>([
  // Google Cloud Storage answers 400; S3 too, when the credentials that signed have run out.
  ['ExpiredToken', 'expired'],
  // Cloudflare R2, 403.
  ['ExpiredRequest', 'expired'],
  ['RequestExpired', 'expired'],
  ['RequestTimeTooSkewed', 'expired'],
  ['SignatureDoesNotMatch', 'signature'],
  ['AuthenticationFailed', 'signature'],
  ['SlowDown', 'throttled'],
  ['ServerBusy', 'throttled'],
  ['ServiceUnavailable', 'throttled'],
  ['TooManyRequests', 'throttled'],
  ['InternalError', 'transient'],
  ['OperationTimedOut', 'transient'],
  // S3 answers 400 to a body that arrived too slowly or not whole.
  ['RequestTimeout', 'transient'],
  ['IncompleteBody', 'transient'],
  ['BadDigest', 'mismatch'],
  ['InvalidDigest', 'mismatch'],
]);

/** Codes whose message decides: the same code stands for expiry and for something else. */
export const STORAGE_DETAIL_OUTCOMES: readonly {
  readonly storageCode: string;
  readonly detail: RegExp;
  readonly outcome: Outcome;
}[] = [
  { storageCode: 'AccessDenied', detail: /request has expired/i, outcome: 'expired' },
  {
    storageCode: 'AuthenticationFailed',
    detail: /not valid in the specified time frame|signed expiry time/i,
    outcome: 'expired',
  },
];

export interface SocketRule {
  readonly code: TransferErrorCode;
  readonly outcome: Outcome;
  /** Fatal for a host that never answered: then it is the address that is wrong, not the network. */
  readonly onlyOnceAnswered?: boolean;
}

const LOST: SocketRule = { code: 'connection_lost', outcome: 'transient' };
const UNREACHABLE: SocketRule = { code: 'storage_unavailable', outcome: 'transient' };
const UNSENDABLE: SocketRule = { code: 'storage_refused', outcome: 'fatal' };
const NO_ANSWER: SocketRule = { code: 'stalled', outcome: 'transient' };

/** By the `code` of a failed connection. A code not listed (a bad certificate) is fatal. */
export const SOCKET_RULES: ReadonlyMap<string, SocketRule> = new Map<string, SocketRule>([
  ['ECONNRESET', LOST],
  ['ECONNABORTED', LOST],
  ['EPIPE', LOST],
  ['UND_ERR_SOCKET', LOST],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', LOST],
  ['UND_ERR_INFO', LOST],
  ['HTTPParserError', LOST],
  ['ENOTFOUND', { ...UNREACHABLE, onlyOnceAnswered: true }],
  ['ECONNREFUSED', UNREACHABLE],
  ['EAI_AGAIN', UNREACHABLE],
  ['EHOSTDOWN', UNREACHABLE],
  ['EHOSTUNREACH', UNREACHABLE],
  ['ENETDOWN', UNREACHABLE],
  ['ENETRESET', LOST],
  ['ENETUNREACH', UNREACHABLE],
  ['ETIMEDOUT', UNREACHABLE],
  ['UND_ERR_CONNECT_TIMEOUT', UNREACHABLE],
  // A header or URL that HTTP does not allow.
  ['UND_ERR_INVALID_ARG', UNSENDABLE],
  ['UND_ERR_NOT_SUPPORTED', UNSENDABLE],
  ['UND_ERR_HEADERS_TIMEOUT', NO_ANSWER],
  ['UND_ERR_BODY_TIMEOUT', NO_ANSWER],
]);
