import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../transfer/clock.ts';
import type { StreamEvent } from './session_events.ts';

/** A client that takes less than this per {@link SseOptions.stallMs} is cut off. */
const PIECE_BYTES = 64 * 1024;

const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  // Else nginx holds events back until it has enough of them.
  'X-Accel-Buffering': 'no',
  'X-Content-Type-Options': 'nosniff',
};

export interface SseOptions {
  readonly clock: Clock;
  /** How long a client may take no byte while some wait for it. */
  readonly stallMs: number;
}

/** A client does not read what it asked for. */
export class ClientStalled extends Error {
  override readonly name = 'ClientStalled';

  constructor() {
    super('the client does not read its stream');
  }
}

/** Server-sent events, written no faster than the client reads. */
export class SseWriter {
  readonly #response: ServerResponse;
  readonly #options: SseOptions;
  #sending = false;

  constructor(response: ServerResponse, options: SseOptions) {
    this.#response = response;
    this.#options = options;
  }

  /** @param retryMs how long a client that loses this stream shall wait before it comes back */
  open(retryMs: number): void {
    this.#response.writeHead(200, HEADERS);
    this.#response.write(`retry: ${retryMs}\n\n`);
  }

  /**
   * Resolves once the connection took it.
   *
   * @throws ClientStalled, with the connection destroyed; the signal ends it with an error too
   */
  async send({ id, data }: StreamEvent, signal: AbortSignal): Promise<void> {
    this.#sending = true;
    const bytes = Buffer.from(`event: message\nid: ${id}\ndata: ${data}\n\n`);
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      signal.throwIfAborted();
      const taken = this.#response.write(bytes.subarray(at, at + PIECE_BYTES));
      if (!taken) await this.#drained(signal);
    }
    this.#sending = false;
  }

  /** Keeps proxies from ending a connection on which nothing happens. */
  keepAlive(): void {
    if (!this.#sending) this.#response.write(': keep-alive\n\n');
  }

  async #drained(signal: AbortSignal): Promise<void> {
    const { clock, stallMs } = this.#options;
    const settled = new AbortController();
    const either = AbortSignal.any([signal, settled.signal]);
    try {
      await Promise.race([
        once(this.#response, 'drain', { signal: either }),
        clock.wait(stallMs, either).then(() => Promise.reject(new ClientStalled())),
      ]);
    } catch (error) {
      if (error instanceof ClientStalled) this.#response.destroy();
      throw error;
    } finally {
      settled.abort();
    }
  }
}
