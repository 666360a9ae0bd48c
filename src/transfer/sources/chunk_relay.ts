import type { ByteSink } from '../http/get_answer.ts';
import { CHUNK_BYTES, EARLY_ANSWER_FROM_BYTES, FIRST_CHUNK_BYTES } from './upload_source.ts';

/** Chunks that wait for their reader before the connection they come over has to. */
const MOST_READY = 2;

/**
 * Bytes on their way from a connection that pours them to a reader that asks for them, in chunks as
 * an {@link UploadSource} gives them and in about 1 MiB of memory. The bytes may come over several
 * connections, one after the other.
 */
export class ChunkRelay implements ByteSink {
  readonly #bytes: number;
  #received = 0;
  #filling: Uint8Array | undefined;
  #filled = 0;
  #ready: Uint8Array[] = [];
  readonly #free: Uint8Array[] = [];
  #failure: { readonly reason: unknown } | undefined;
  #wakeReader: (() => void) | undefined;
  #pause: { readonly over: Promise<void>; end(): void } | undefined;

  /** @param bytes how many there are in all */
  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** Bytes that have come. */
  get received(): number {
    return this.#received;
  }

  room(): Uint8Array | undefined {
    if (this.#received === this.#bytes) return undefined;
    this.#filling ??= this.#nextChunk();
    return this.#filling.subarray(this.#filled);
  }

  took(bytes: number): void | Promise<void> {
    this.#received += bytes;
    this.#filled += bytes;
    if (this.#filling === undefined || this.#filled < this.#filling.byteLength) return;
    this.#ready.push(this.#filling);
    this.#filling = undefined;
    this.#filled = 0;
    this.#wakeReader?.();
    if (this.#ready.length >= MOST_READY && this.#received < this.#bytes) {
      this.#pause ??= pause();
      return this.#pause.over;
    }
  }

  /** Nothing more comes. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#wakeReader?.();
  }

  /** Read once. Ends after the last byte; throws the failure if that comes first. */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let given = 0; given < this.#bytes; ) {
      const chunk = await this.#next();
      given += chunk.byteLength;
      yield chunk;
      // A shorter one may still be on its way: see the rule of chunks.
      if (chunk.byteLength === CHUNK_BYTES) this.#free.push(chunk);
    }
  }

  #nextChunk(): Uint8Array {
    const isFirst = this.#received === 0 && this.#bytes >= EARLY_ANSWER_FROM_BYTES;
    const bytes = isFirst ? FIRST_CHUNK_BYTES : Math.min(CHUNK_BYTES, this.#bytes - this.#received);
    const used = bytes === CHUNK_BYTES ? this.#free.pop() : undefined;
    return used ?? Buffer.allocUnsafeSlow(bytes);
  }

  async #next(): Promise<Uint8Array> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.reason;
      const chunk = this.#ready.shift();
      if (chunk !== undefined) {
        this.#pause?.end();
        this.#pause = undefined;
        return chunk;
      }
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }
}

function pause(): { readonly over: Promise<void>; end(): void } {
  let end = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { over, end };
}
