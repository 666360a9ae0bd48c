/** Bytes that go to disk in one write: fewer calls than by the record, and still soon out of memory. */
const PIECE_BYTES = 1024 * 1024;
/** Pieces that all streams of a download may fill and write at once before their connections wait. */
const ENOUGH_PIECES = 16;

/** Memory for pieces, used over and over: a garbage collector would see it too late. */
export class PiecePool {
  readonly #free: Uint8Array[] = [];
  #lent = 0;

  /** True when those who can wait for a piece to come back should. */
  get scarce(): boolean {
    return this.#lent >= ENOUGH_PIECES;
  }

  take(): Uint8Array {
    this.#lent += 1;
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES);
  }

  /** Takes memory back that nobody reads or writes any more. */
  give(piece: Uint8Array): void {
    this.#lent -= 1;
    this.#free.push(piece);
  }
}
