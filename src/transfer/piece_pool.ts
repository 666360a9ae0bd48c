/** Bytes that go to disk in one write: fewer calls than by the record, and still soon out of memory. */
export const PIECE_BYTES = 1024 * 1024;

/** Memory for pieces, used over and over: a garbage collector would see it too late. */
export class PiecePool {
  readonly #free: Uint8Array[] = [];

  take(): Uint8Array {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES);
  }

  /** Takes memory back that nobody reads or writes any more. */
  give(piece: Uint8Array): void {
    this.#free.push(piece);
  }
}
