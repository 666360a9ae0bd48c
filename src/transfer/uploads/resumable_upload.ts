import { FileDigests } from '../checksums/file_digests.ts';
import { computesMd5, storedObject, verifyUpload } from '../checksums/verify_upload.ts';
import type { TransferEngine } from '../engine.ts';
import { type Outcome, TransferError } from '../failures/transfer_error.ts';
import type { ResponseHeaders } from '../http/response_headers.ts';
import type { UploadSource } from '../sources/upload_source.ts';
import {
  type ResumableSession,
  SessionLost,
  type SessionState,
  sendRest,
  sessionState,
  startSession,
} from './resumable_session.ts';
import type { ResumableTarget } from './upload_target.ts';
import type { StoredBytes } from './verified_put.ts';

export interface ResumableRequest {
  readonly source: UploadSource;
  readonly signal: AbortSignal;
  /** Also compute SHA-256, at some cost. */
  readonly sha256?: boolean;
  /** So many of the file's first bytes went out; falls when storage kept fewer. */
  onSent(bytes: number): void;
}

/** Failures after which a session is of no more use. */
const ENDS_SESSION: ReadonlySet<Outcome> = new Set(['expired', 'signature', 'mismatch']);

/** Whether another attempt needs another session. */
export function endsSession(error: unknown): boolean {
  return (
    error instanceof SessionLost ||
    (error instanceof TransferError && ENDS_SESSION.has(error.outcome))
  );
}

/** One file on its way through one resumable session. */
export class ResumableUpload {
  readonly #session: ResumableSession;
  readonly #request: ResumableRequest;
  readonly #engine: TransferEngine;
  readonly #digests: FileDigests;
  #used = false;

  /** Begins a session. */
  static async start(
    target: ResumableTarget,
    request: ResumableRequest,
    engine: TransferEngine,
  ): Promise<ResumableUpload> {
    const session = await startSession(target, request.signal, engine);
    return new ResumableUpload(session, request, engine);
  }

  private constructor(
    session: ResumableSession,
    request: ResumableRequest,
    engine: TransferEngine,
  ) {
    this.#session = session;
    this.#request = request;
    this.#engine = engine;
    const md5 = computesMd5(request.source, engine.hosts.willState(session.url));
    this.#digests = new FileDigests(0, { md5, sha256: request.sha256 ?? false });
  }

  /**
   * One attempt: sends what the session does not have, and compares what storage answers.
   *
   * @param onStored told of how many of the file's first bytes storage says it has; may fall
   */
  async send(onStored: (bytes: number) => void): Promise<StoredBytes> {
    const { source, signal } = this.#request;
    const headers = await this.#complete(onStored);
    if (this.#digests.end < source.size) {
      throw impossible();
    }
    const { host } = this.#session.url;
    const storage = storedObject(headers, host);
    const values = this.#digests.values();
    const piece = { source, start: 0, end: source.size };
    const verified = await verifyUpload(storage, values, piece, signal);
    this.#engine.hosts.stated({ host }, storage);
    return {
      bytes: source.size,
      crc32c: values.crc32c,
      ...(values.sha256 !== undefined && { sha256: values.sha256 }),
      storage,
      verified,
    };
  }

  async #complete(onStored: (bytes: number) => void): Promise<ResponseHeaders> {
    const { size } = this.#request.source;
    const isFresh = !this.#used && size > 0;
    this.#used = true;
    let state: SessionState = isFresh ? { kind: 'open', bytes: 0 } : await this.#state();
    for (let before = -1; state.kind === 'open'; ) {
      const { bytes } = state;
      onStored(bytes);
      if (bytes > this.#digests.end) {
        throw impossible();
      }
      if (bytes <= before) {
        throw stuckAt(bytes);
      }
      before = bytes;
      state = bytes < size ? await this.#sendFrom(bytes) : await this.#state();
    }
    return state.headers;
  }

  #state(): Promise<SessionState> {
    const { source, signal } = this.#request;
    return sessionState(this.#session, source.size, signal, this.#engine);
  }

  #sendFrom(start: number): Promise<SessionState> {
    const { source, signal, onSent } = this.#request;
    const rest = {
      source,
      start,
      end: source.size,
      signal,
      onRead: (chunk: Uint8Array, at: number) => this.#digests.update(chunk, at),
      onSent: (bytes: number) => onSent(start + bytes),
    };
    return sendRest(this.#session, rest, this.#engine);
  }
}

function impossible(): TransferError {
  return new TransferError({
    code: 'storage_refused',
    message: 'storage says that it has bytes of a resumable session that were never sent.',
  });
}

/** Storage took a request, but kept no more than it had. */
function stuckAt(bytes: number): TransferError {
  return new TransferError({
    code: 'storage_unavailable',
    outcome: 'transient',
    message: `storage has ${bytes} bytes of the file and kept no more of what was sent.`,
    status: 308,
    bytesTransferred: bytes,
  });
}
