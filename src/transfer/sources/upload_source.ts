/** From this size on, an upload first sends one small piece and waits for an early refusal. */
export const EARLY_ANSWER_FROM_BYTES = 1024 * 1024;
/** The first chunk of so many bytes. */
export const FIRST_CHUNK_BYTES = 64 * 1024;
/** Every chunk but the first of many bytes, and the last. */
export const CHUNK_BYTES = 256 * 1024;

/** Bytes of a source: from `start` up to `end`, which is not included. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
}

/** Bytes of a known number that an upload sends: it may ask for them again, and expects the same. */
export interface UploadSource {
  /** Bytes, when it was opened. */
  readonly size: number;
  /**
   * The bytes come over a network of their own. To read them again costs as much as the first time,
   * and the source itself watches that they come: waiting for them is no stall of storage.
   */
  readonly isRemote?: true;
  /**
   * The bytes in order, all of them or a range. Each call reads at places of its own, so attempts and
   * parts may overlap.
   *
   * A chunk is valid until the next one is asked for: its memory is used again. undici waits for the
   * socket to drain only after a write of at least its high-water mark (64 KiB); a shorter chunk in
   * reused memory would be overwritten before it was sent. So every chunk is full, and the first
   * piece of a long range, and a short last one after which nothing is read, are the exceptions.
   *
   * @throws TransferError `source_changed` if the bytes are not those that it was opened with
   */
  chunks(signal: AbortSignal, range?: SourceRange): AsyncGenerator<Uint8Array, void, undefined>;
  close(): Promise<void>;
}
