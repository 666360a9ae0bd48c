import type { ResponseHeaders } from './response_headers.ts';

/** Memory for a body, given by its reader. */
export interface ByteSink {
  /** Where the next bytes go: at least one byte of room; undefined when the reader has all it wants. */
  room(): Uint8Array | undefined;
  /** So many bytes came into the last room. A promise pauses the connection until it resolves. */
  took(bytes: number): void | Promise<void>;
}

/** The head of an answer, its body not yet taken. */
export interface GetAnswer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /**
   * Pours the body into the sink, once. Resolves when it is whole by its own framing, or the sink had
   * enough: then the connection is closed.
   *
   * @throws TransferError when the connection is lost or the framing broken; or the signal's reason
   */
  pour(sink: ByteSink): Promise<'whole' | 'enough'>;
  /** Leaves the body unread. */
  discard(): void;
}

/** One connection to one origin at a time, kept for the next request if the last body was read whole. */
export interface GetChannel {
  get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<GetAnswer>;
  close(): void;
}
