/** What went wrong, as a word a program can act on. */
export type TransferErrorCode =
  | 'source_missing'
  | 'source_not_a_file'
  | 'source_unreadable'
  | 'source_changed'
  | 'source_refused'
  | 'source_unavailable'
  | 'source_size_unknown'
  | 'source_encoded'
  | 'source_too_large'
  | 'source_too_slow'
  | 'address_refused'
  | 'url_expired'
  | 'storage_refused'
  | 'storage_unavailable'
  | 'connection_lost'
  | 'stalled'
  | 'checksum_mismatch'
  | 'length_mismatch'
  | 'unexpected_encoding'
  | 'no_space'
  | 'target_exists'
  | 'target_unwritable'
  | 'object_changed'
  | 'redirect_refused';

/** How the retry policy treats a failed attempt; its rules are in `retry_policy.ts`. */
export type Outcome =
  | 'expired'
  | 'signature'
  | 'throttled'
  | 'transient'
  | 'mismatch'
  | 'idle_closed'
  | 'given_up'
  | 'fatal';

/** Outcomes where the same act may succeed later, unchanged. */
const WORTH_ANOTHER_TRY: ReadonlySet<Outcome> = new Set([
  'expired',
  'throttled',
  'transient',
  'idle_closed',
  'given_up',
]);

export interface TransferErrorDetails {
  readonly code: TransferErrorCode;
  /** One sentence for a person; must hold no URL query. */
  readonly message: string;
  /** Default `fatal`. */
  readonly outcome?: Outcome;
  readonly status?: number | undefined;
  readonly storageCode?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly host?: string | undefined;
  readonly bytesTransferred?: number;
  readonly cause?: unknown;
}

/** The one error this library throws of its own accord. Holds no URL query in any property. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
  readonly code: TransferErrorCode;
  readonly outcome: Outcome;
  /** Whether the same call may succeed later. The attempts this library makes itself are over. */
  readonly retryable: boolean;
  /** HTTP status of storage's answer. */
  readonly status: number | undefined;
  /** `<Code>` of storage's XML error, such as `ExpiredToken`. */
  readonly storageCode: string | undefined;
  /** The wait storage asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Who answered: host and port. */
  readonly host: string | undefined;
  /** Bytes moved in the attempt that failed. */
  readonly bytesTransferred: number;
  /** Attempts made until this error was final; counted by the retry loop. */
  attempts = 1;
  /** Whether what came is kept, so that the same download goes on from there. */
  resumable = false;

  constructor(details: TransferErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.outcome = details.outcome ?? 'fatal';
    this.retryable = WORTH_ANOTHER_TRY.has(this.outcome);
    this.status = details.status;
    this.storageCode = details.storageCode;
    this.retryAfterMs = details.retryAfterMs;
    this.host = details.host;
    this.bytesTransferred = details.bytesTransferred ?? 0;
  }
}
