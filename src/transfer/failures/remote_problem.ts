import { headerText, type ResponseHeaders } from '../http/response_headers.ts';
import { retryAfterMs } from './backoff.ts';
import { STATUS_OUTCOMES } from './retry_policy.ts';
import { TransferError, type TransferErrorCode } from './transfer_error.ts';

/** What the HTTP client says of whom it talks to, where that is the source of an upload. */
const CODES: ReadonlyMap<TransferErrorCode, TransferErrorCode> = new Map<
  TransferErrorCode,
  TransferErrorCode
>([
  ['connection_lost', 'source_unavailable'],
  ['stalled', 'source_unavailable'],
  ['storage_unavailable', 'source_unavailable'],
  ['storage_refused', 'source_refused'],
  ['unexpected_encoding', 'source_encoded'],
]);

/** The same failure as one of the source. What is no failure of a connection is returned as it came. */
export function remoteProblem(error: unknown): unknown {
  const code = error instanceof TransferError ? CODES.get(error.code) : undefined;
  if (!(error instanceof TransferError) || code === undefined) return error;
  return new TransferError({
    ...error,
    code,
    message: remoteWords(error.message),
  });
}

/** The words are this library's own, which calls storage whatever it talks to. */
export function remoteWords(text: string): string {
  return text.replace(/\bstorage\b/g, 'the source');
}

/** What a status means that brings no bytes. The words that may come with it are a stranger's, and not read. */
export function remoteRefusal(
  { status, headers }: { readonly status: number; readonly headers: ResponseHeaders },
  { host }: URL,
  now: number,
): TransferError {
  const known = STATUS_OUTCOMES.get(status);
  // The same URL again runs out again.
  const passes = known === 'throttled' || known === 'transient';
  return new TransferError({
    code: passes ? 'source_unavailable' : 'source_refused',
    outcome: passes ? known : 'fatal',
    message: `the source answered ${status} instead of the file.`,
    status,
    host,
    retryAfterMs: retryAfterMs(headerText(headers, 'retry-after'), now),
  });
}
