/** Bytes held for a slow reader before the connection is told to pause, and when it may go on. */
const PAUSE_AT_BYTES = 1024 * 1024;
const RESUME_AT_BYTES = 256 * 1024;

/** The connection behind a body. */
export interface BodyFlow {
  pause(): void;
  resume(): void;
  /** The reader left before the end. */
  abandon(): void;
}

/** A response body between the connection that pushes it and the one reader that pulls it. */
export class ReceivedBody implements AsyncIterable<Uint8Array> {
  readonly #flow: BodyFlow;
  #chunks: Uint8Array[] = [];
  #held = 0;
  #over = false;
  #failure: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(flow: BodyFlow) {
    this.#flow = flow;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#held += chunk.byteLength;
    if (this.#held >= PAUSE_AT_BYTES) {
      this.#flow.pause();
    }
    this.#wake?.();
  }

  end(): void {
    this.#over = true;
    this.#wake?.();
  }

  fail(reason: unknown): void {
    this.#over = true;
    this.#failure ??= { reason };
    this.#wake?.();
  }

  /** Yields what has come, then waits; throws the failure once everything before it was read. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        yield* this.#take();
        if (this.#chunks.length > 0) {
          continue;
        }
        if (this.#failure !== undefined) {
          throw this.#failure.reason;
        }
        if (this.#over) {
          return;
        }
        await this.#nextPush();
      }
    } finally {
      if (!this.#over) {
        this.#flow.abandon();
      }
    }
  }

  *#take(): Generator<Uint8Array, void, undefined> {
    const chunks = this.#chunks;
    this.#chunks = [];
    for (const chunk of chunks) {
      this.#held -= chunk.byteLength;
      yield chunk;
    }
    if (this.#held <= RESUME_AT_BYTES) {
      this.#flow.resume();
    }
  }

  #nextPush(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
