import { untilAborted } from './cancellable.ts';
import type { TransferEngine } from './engine.ts';
import type { Kept, OpenReason } from './failures/retry_policy.ts';
import { type Attempt, withRetries } from './failures/retrying.ts';
import type { UploadSource } from './sources/upload_source.ts';
import { endsSession, ResumableUpload } from './uploads/resumable_upload.ts';
import type { SignedTarget } from './uploads/upload_target.ts';
import { putVerified, type StoredBytes } from './uploads/verified_put.ts';

export type { SignedTarget } from './uploads/upload_target.ts';

export interface UploadRequest {
  /** Opened and closed by the caller. */
  readonly source: UploadSource;
  /**
   * Called before every attempt that needs a URL: each PUT, and each start of a resumable session.
   * What it throws ends the upload as it is.
   */
  sign(reason: OpenReason, signal: AbortSignal): Promise<SignedTarget>;
  readonly signal: AbortSignal;
  /** Bytes handed to the network; never falls, not even when an attempt starts over. Must not throw. */
  onProgress?(bytesDone: number): void;
  /** Also compute SHA-256, at some cost. */
  readonly sha256?: boolean;
}

export interface UploadReceipt extends StoredBytes {
  readonly attempts: number;
}

/** One file on its way to storage, over all its attempts. */
class Upload {
  readonly #request: UploadRequest;
  readonly #engine: TransferEngine;
  #kept: Kept = 'nothing';
  #session: ResumableUpload | undefined;
  #mostReported = 0;
  /** The most that any session had. */
  #mostStored = 0;

  constructor(request: UploadRequest, engine: TransferEngine) {
    this.#request = request;
    this.#engine = engine;
  }

  /** What failures leave, by the target that was signed last. */
  get kept(): Kept {
    return this.#kept;
  }

  async attempt({ reason, progressed }: Attempt): Promise<StoredBytes> {
    const { source, sha256 = false, signal } = this.#request;
    const onSent = (bytes: number) => this.#report(bytes);
    if (this.#session === undefined) {
      const target = await untilAborted(this.#request.sign(reason, signal), signal);
      if (target.kind === 'put') {
        this.#kept = 'nothing';
        const piece = { source, start: 0, end: source.size };
        return putVerified(target, { piece, signal, sha256, onSent }, this.#engine);
      }
      this.#kept = 'progress';
      const request = { source, signal, sha256, onSent };
      this.#session = await ResumableUpload.start(target, request, this.#engine);
    }
    return this.#send(this.#session, progressed);
  }

  async #send(session: ResumableUpload, progressed: (bytes: number) => void): Promise<StoredBytes> {
    try {
      return await session.send((stored) => {
        // Bytes that are sent again are no progress: a session that forgets must come to an end.
        progressed(Math.max(0, stored - this.#mostStored));
        this.#mostStored = Math.max(stored, this.#mostStored);
      });
    } catch (error) {
      if (endsSession(error)) {
        this.#session = undefined;
      }
      throw error;
    }
  }

  #report(bytes: number): void {
    if (bytes > this.#mostReported) {
      this.#mostReported = bytes;
      this.#request.onProgress?.(bytes);
    }
  }
}

/**
 * Brings one file to storage, in under 1 MiB of memory: in a single streamed PUT, which is made again
 * whole and freshly signed when it fails, or through a resumable session, which goes on from what
 * storage has.
 *
 * @throws TransferError; or the signal's reason; or what `sign` or `onProgress` threw
 */
export async function uploadFile(
  request: UploadRequest,
  engine: TransferEngine,
): Promise<UploadReceipt> {
  const upload = new Upload(request, engine);
  return withRetries(
    engine,
    request.signal,
    async (attempt) => ({ ...(await upload.attempt(attempt)), attempts: attempt.number }),
    () => upload.kept,
  );
}
