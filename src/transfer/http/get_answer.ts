import type { ResponseHeaders } from './response_headers.ts';

/** Memory for a body, given by its reader. */
export interface ByteSink {
  /**
   * Where the next bytes go: at least one byte of room; undefined when the reader has all it wants.
   * Asked for well before the bytes come, also by a connection that was told to pause: what came in
   * already has to go somewhere. May be asked again before any came; then the last room counts.
   */
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
   * enough: then the connection is closed. Promises of the sink are waited for.
   *
   * @param signal ends it at once, as the signal of the request does
   * @throws TransferError when the connection is lost or the framing broken; or the signal's reason
   */
  pour(sink: ByteSink, signal?: AbortSignal): Promise<'whole' | 'enough'>;
  /** Leaves the body, or what is still to come of it, unread. */
  discard(): void;
}

/** One connection to one origin at a time, kept for the next request if the last body was read whole. */
export interface GetChannel {
  /**
   * Asks for a URL and waits for the head of the answer; interim answers are read over, redirects are
   * not followed. A body that came before and was not poured is discarded.
   *
   * @param signal ends the request and its body at once, until the body is whole
   * @throws TransferError; or the signal's reason
   */
  get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<GetAnswer>;
  /** Ends what is under way. The connection is left to others of the engine if it is good for more. */
  close(): void;
}
