import type { ResponseHeaders } from './response_headers.ts';

/** A request that is no GET. */
export interface ExchangeRequest {
  readonly method: 'POST' | 'PUT';
  readonly url: URL;
  /** With the `Content-Length` of the body. */
  readonly headers: Readonly<Record<string, string>>;
  /** A chunk is valid until the next one is asked for. */
  readonly body?: AsyncIterable<Uint8Array>;
  /** Sees each chunk once, in order; where it can be, while the chunk is on its way. */
  onChunk?(chunk: Uint8Array): void;
  /** On a connection of its own, closed afterwards. */
  readonly closes?: boolean;
  /** How much of the answer's body is read; enough for words if absent. */
  readonly mostAnswerBytes?: number;
  /** The connection stands and the request goes out now. */
  onStart?(): void;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** May be read once, or left alone after {@link StorageExchange.abort}. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** One request and its answer on one connection. No redirect, no retry, no timer. */
export interface StorageExchange {
  /** The headers of the answer; rejects if the connection fails before them. */
  readonly response: Promise<HttpResponse>;
  /** Resolves when the answer is whole or the connection is lost; never rejects. */
  readonly settled: Promise<void>;
  /** True as soon as the headers of an answer have come. */
  readonly answered: boolean;
  /** True if the request went out on a connection that an earlier request had left open. */
  readonly onIdleConnection: boolean;
  /** True once the exchange was aborted or its connection lost. */
  readonly failed: boolean;
  /** Sends the request; at most once. */
  start(request: ExchangeRequest): void;
  /** Ends the exchange at once; `response` and its body fail with the reason. */
  abort(reason: unknown): void;
}
