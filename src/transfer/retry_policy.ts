import type { Outcome, TransferErrorCode } from './transfer_error.ts';

/** Why a URL is asked for: the first one, because the last one had run out, or for another try. */
export type OpenReason = 'first' | 'expired' | 'retry';

/** What one outcome allows. */
export interface RetryRule {
  /** How often this outcome may be answered with another attempt. */
  readonly retries: number;
  /** Whether to back off before that attempt. */
  readonly pause: boolean;
  /** What the caller's `sign` or `open` is told. */
  readonly reason: OpenReason;
}

/** The policy. Every retry moves the whole file again and asks for a fresh URL. */
export const RETRY_RULES: Readonly<Record<Outcome, RetryRule>> = {
  expired: { retries: 2, pause: false, reason: 'expired' },
  // A stale signing key heals with one new signature; a header that differs never does.
  signature: { retries: 1, pause: false, reason: 'retry' },
  throttled: { retries: 3, pause: true, reason: 'retry' },
  transient: { retries: 3, pause: true, reason: 'retry' },
  mismatch: { retries: 1, pause: true, reason: 'retry' },
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
}

const LOST: SocketRule = { code: 'connection_lost', outcome: 'transient' };
const UNREACHABLE: SocketRule = { code: 'storage_unavailable', outcome: 'transient' };
const UNSENDABLE: SocketRule = { code: 'storage_refused', outcome: 'fatal' };
const NO_ANSWER: SocketRule = { code: 'stalled', outcome: 'transient' };

/** By the `code` of a failed connection. A code not listed (a bad certificate, a name that does not exist) is fatal. */
export const SOCKET_RULES: ReadonlyMap<string, SocketRule> = new Map<string, SocketRule>([
  ['ECONNRESET', LOST],
  ['ECONNABORTED', LOST],
  ['EPIPE', LOST],
  ['UND_ERR_SOCKET', LOST],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', LOST],
  ['UND_ERR_INFO', LOST],
  ['HTTPParserError', LOST],
  ['ECONNREFUSED', UNREACHABLE],
  ['EAI_AGAIN', UNREACHABLE],
  ['EHOSTUNREACH', UNREACHABLE],
  ['ENETDOWN', UNREACHABLE],
  ['ENETUNREACH', UNREACHABLE],
  ['ETIMEDOUT', UNREACHABLE],
  ['UND_ERR_CONNECT_TIMEOUT', UNREACHABLE],
  // A header or URL that HTTP does not allow.
  ['UND_ERR_INVALID_ARG', UNSENDABLE],
  ['UND_ERR_NOT_SUPPORTED', UNSENDABLE],
  ['UND_ERR_HEADERS_TIMEOUT', NO_ANSWER],
  ['UND_ERR_BODY_TIMEOUT', NO_ANSWER],
]);
