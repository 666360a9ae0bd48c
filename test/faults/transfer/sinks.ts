import { createHash } from 'node:crypto';
import type { ByteSink } from '../../../src/transfer/http/get_answer.ts';

/** Keeps all that comes. */
export class KeepingSink implements ByteSink {
  readonly #memory: Uint8Array;
  readonly #parts: Buffer[] = [];
  readonly #most: number;
  #bytes = 0;

  /**
   * @param roomBytes given at a time
   * @param most wants no more than this
   */
  constructor(roomBytes = 64 * 1024, most = Number.POSITIVE_INFINITY) {
    this.#memory = new Uint8Array(roomBytes);
    this.#most = most;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  room(): Uint8Array | undefined {
    const left = this.#most - this.#bytes;
    return left > 0 ? this.#memory.subarray(0, left) : undefined;
  }

  took(bytes: number): void | Promise<void> {
    this.#parts.push(Buffer.from(this.#memory.subarray(0, bytes)));
    this.#bytes += bytes;
  }
}

/**
 * Fills pieces as a writer to disk does, and is slow to take each: until a test says so, or for some
 * turns of the event loop. Every piece is overwritten before it is used again, so that a byte that
 * comes to the wrong place shows.
 */
export class SlowSink implements ByteSink {
  readonly #hash = createHash('sha256');
  readonly #pieceBytes: number;
  readonly #pauseFor: () => Promise<void>;
  #piece: Uint8Array;
  #filled = 0;
  total = 0;
  /** Bytes that came while a pause was on. */
  late = 0;
  #pauses = 0;

  constructor(pieceBytes: number, pauseFor: () => Promise<void>) {
    this.#pieceBytes = pieceBytes;
    this.#pauseFor = pauseFor;
    this.#piece = new Uint8Array(pieceBytes);
  }

  sha256(): string {
    return this.#hash.update(this.#piece.subarray(0, this.#filled)).digest('hex');
  }

  room(): Uint8Array {
    return this.#piece.subarray(this.#filled);
  }

  took(bytes: number): void | Promise<void> {
    if (this.#pauses > 0) this.late += bytes;
    this.total += bytes;
    this.#filled += bytes;
    if (this.#filled < this.#pieceBytes) return;
    const full = this.#piece;
    this.#piece = new Uint8Array(this.#pieceBytes);
    this.#filled = 0;
    this.#hash.update(full);
    full.fill(0xee);
    this.#pauses += 1;
    return this.#pauseFor().finally(() => {
      this.#pauses -= 1;
    });
  }
}
