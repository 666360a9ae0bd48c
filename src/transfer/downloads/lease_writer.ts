import { createCrc32c } from '../checksums/crc32c.ts';
import type { ByteSink } from '../http/get_answer.ts';
import type { PartialDownload } from './partial_download.ts';
import type { PiecePool } from './piece_pool.ts';
import type { Lease, RangePlan } from './range_plan.ts';

/** Pieces that may be on their way to disk before the connection has to wait: pausing it costs time. */
const MOST_IN_FLIGHT = 4;

/** What the writers of one download share. */
export interface WriterContext {
  readonly plan: RangePlan;
  readonly partial: PartialDownload;
  readonly pool: PiecePool;
  /** So many more bytes came. */
  onBytes(bytes: number): void;
  /** A write failed: the stream has to end. */
  onFailure(error: unknown): void;
}

/**
 * Takes the bytes of one lease straight from the connection, in pieces, to their place in the partial
 * file, and sums them up on the way.
 */
export class LeaseWriter implements ByteSink {
  readonly #lease: Lease;
  readonly #context: WriterContext;
  #piece: Uint8Array | undefined;
  #filled = 0;
  #crc = createCrc32c();
  #segmentStart: number;
  /** Up to here pieces were handed to the disk. */
  #handed: number;
  /** Writes that are under way, the oldest first. */
  readonly #inFlight = new Set<Promise<void>>();
  /** Resolves when every piece handed so far is written. */
  #written: Promise<void> = Promise.resolve();
  #retired = false;
  #until = Number.POSITIVE_INFINITY;

  constructor(lease: Lease, context: WriterContext) {
    this.#lease = lease;
    this.#context = context;
    this.#segmentStart = lease.position;
    this.#handed = lease.position;
  }

  room(): Uint8Array | undefined {
    const left = Math.min(this.#lease.end, this.#until) - this.#lease.position;
    if (left <= 0 || this.#retired) return undefined;
    this.#piece ??= this.#context.pool.take();
    const { byteLength } = this.#piece;
    return this.#piece.subarray(this.#filled, Math.min(byteLength, this.#filled + left));
  }

  took(bytes: number): void | Promise<void> {
    // Since the room was given, another stream may have taken over the lease's end.
    const leased = Math.min(bytes, this.#lease.end - this.#lease.position);
    this.#filled += leased;
    this.#context.plan.advance(this.#lease, leased);
    this.#context.onBytes(leased);
    if (this.#filled < (this.#piece?.byteLength ?? 0)) return;
    this.#hand();
    const most = this.#context.pool.scarce ? 1 : MOST_IN_FLIGHT;
    const [oldest] = this.#inFlight;
    if (this.#inFlight.size >= most) return oldest;
  }

  /** The answer that comes now ends there, whatever its connection sends. */
  upTo(end: number): void {
    this.#until = end;
  }

  /** Wants no more bytes from now on. */
  retire(): void {
    this.#retired = true;
  }

  /** Notes what is written of the lease so far; the rest follows with the next call. */
  async cut(): Promise<void> {
    const segment = {
      start: this.#segmentStart,
      end: this.#handed,
      crc32c: this.#crc.value(),
    };
    if (segment.end === segment.start) return;
    this.#crc = createCrc32c();
    this.#segmentStart = this.#handed;
    await this.#written;
    this.#context.partial.add(segment);
  }

  /** Writes what is still held, and notes it all. What may come after that is not taken. */
  async finish(): Promise<void> {
    this.#retired = true;
    this.#hand();
    if (this.#piece !== undefined) this.#context.pool.give(this.#piece);
    this.#piece = undefined;
    // Also those behind one that failed: what comes into this file next must come after them.
    await Promise.allSettled(this.#inFlight);
    await this.cut();
    await this.#written;
  }

  #hand(): void {
    const [piece, filled, position] = [this.#piece, this.#filled, this.#handed];
    if (piece === undefined || filled === 0) return;
    const bytes = piece.subarray(0, filled);
    this.#piece = undefined;
    this.#filled = 0;
    this.#handed += filled;
    const write = this.#context.partial.part.write(bytes, position).finally(() => {
      this.#inFlight.delete(write);
      this.#context.pool.give(piece);
    });
    this.#inFlight.add(write);
    // While another thread writes it.
    this.#crc.update(bytes);
    this.#written = Promise.all([this.#written, write]).then(() => undefined);
    this.#written.catch((error: unknown) => this.#context.onFailure(error));
  }
}
