import { headerText, type ResponseHeaders } from '../http/response_headers.ts';
import { redactText } from '../urls/redact_url.ts';
import { signedUrlExpiry } from '../urls/signed_url_expiry.ts';
import { retryAfterMs } from './backoff.ts';
import { STATUS_OUTCOMES, STORAGE_CODE_OUTCOMES, STORAGE_DETAIL_OUTCOMES } from './retry_policy.ts';
import { type Outcome, TransferError, type TransferErrorCode } from './transfer_error.ts';

/** An answer that is not the success that was asked for. */
export interface RefusedAnswer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** The first few KiB of the error document. */
  readonly body: string;
  readonly url: URL;
  /** Our own clock, epoch milliseconds; the server's `Date` is believed before it. */
  readonly now: number;
  readonly bytesTransferred?: number;
}

interface Verdict {
  readonly outcome: Outcome;
  /** False where expiry is only a guess from a bare status. */
  readonly certain: boolean;
}

const MAY_MEAN_EXPIRED: ReadonlySet<number> = new Set([400, 401, 403, 410]);

const CODES: Readonly<Record<Outcome, TransferErrorCode>> = {
  expired: 'url_expired',
  signature: 'storage_refused',
  throttled: 'storage_unavailable',
  transient: 'storage_unavailable',
  mismatch: 'checksum_mismatch',
  idle_closed: 'connection_lost',
  given_up: 'storage_unavailable',
  fatal: 'storage_refused',
};

const ADVICE: Readonly<Partial<Record<Outcome, string>>> = {
  expired: ' The signed URL has run out.',
  signature:
    ' The headers sent must be exactly those that were signed, the Content-Type above all.',
};

function element(body: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]{1,500})</${name}>`).exec(body);
  return found?.[1]?.trim();
}

function serverNow(answer: RefusedAnswer): number {
  const stated = Date.parse(
    element(answer.body, 'ServerTime') ?? headerText(answer.headers, 'date') ?? '',
  );
  return Number.isNaN(stated) ? answer.now : stated;
}

function pastItsEnd(answer: RefusedAnswer): boolean {
  const end = signedUrlExpiry(answer.url);
  return end !== undefined && MAY_MEAN_EXPIRED.has(answer.status) && serverNow(answer) >= end;
}

function judge(answer: RefusedAnswer, storageCode: string | undefined): Verdict {
  const detail = STORAGE_DETAIL_OUTCOMES.find(
    (row) => row.storageCode === storageCode && row.detail.test(answer.body),
  );
  if (detail !== undefined) {
    return { outcome: detail.outcome, certain: true };
  }
  if (pastItsEnd(answer)) {
    return { outcome: 'expired', certain: true };
  }
  const byCode = storageCode === undefined ? undefined : STORAGE_CODE_OUTCOMES.get(storageCode);
  if (byCode !== undefined) {
    return { outcome: byCode, certain: true };
  }
  const byStatus = STATUS_OUTCOMES.get(answer.status) ?? 'fatal';
  // A denial that names its reason is a denial, not a URL that ran out.
  return byStatus === 'expired' && storageCode !== undefined
    ? { outcome: 'fatal', certain: true }
    : { outcome: byStatus, certain: byStatus !== 'expired' };
}

/**
 * Turns a refused answer into the error it means: expired, wrongly signed, throttled, passing, final.
 *
 * What each storage says when a URL runs out: Google Cloud Storage 400 `ExpiredToken`; S3 403
 * `AccessDenied` "Request has expired"; R2 403 `ExpiredRequest`; Azure 403 `AuthenticationFailed`
 * with a time frame in its detail. A bare 401, 403 or 410 is taken for expiry without proof.
 */
export function storageProblem(answer: RefusedAnswer): TransferError {
  const said = element(answer.body, 'Code') ?? headerText(answer.headers, 'x-ms-error-code');
  const storageCode = said === undefined ? undefined : redactText(said, 64);
  const { outcome, certain } = judge(answer, storageCode);
  const message = element(answer.body, 'Message');
  const words = [
    `storage answered ${answer.status}`,
    storageCode === undefined ? '' : ` ${storageCode}`,
    message === undefined ? '' : `: ${redactText(message)}`,
  ].join('');
  return new TransferError({
    code: certain ? CODES[outcome] : 'storage_refused',
    outcome,
    message: `${words.replace(/\.$/, '')}.${certain ? (ADVICE[outcome] ?? '') : ''}`,
    status: answer.status,
    storageCode,
    retryAfterMs: retryAfterMs(headerText(answer.headers, 'retry-after'), serverNow(answer)),
    host: answer.url.host,
    bytesTransferred: answer.bytesTransferred ?? 0,
  });
}
