/** Finds a body in what a connection receives. */
export interface BodyDecoder {
  /** How many of the next bytes are the body's own, as they come. */
  readonly plain: number;
  /** True once nothing more belongs to the body. */
  readonly whole: boolean;
  /** True if only the end of the connection ends the body. */
  readonly endsWithConnection: boolean;
  /** So many plain bytes came. */
  advance(bytes: number): void;
  /**
   * Passes on what is the body's among the next bytes.
   *
   * @returns how many bytes belonged to the answer; what follows them does not
   */
  decode(bytes: Uint8Array, take: (piece: Uint8Array) => void): number;
}

/** A body of a known length. */
export class LengthBody implements BodyDecoder {
  readonly endsWithConnection = false;
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  get plain(): number {
    return this.#left;
  }

  get whole(): boolean {
    return this.#left === 0;
  }

  advance(bytes: number): void {
    this.#left -= bytes;
  }

  decode(bytes: Uint8Array, take: (piece: Uint8Array) => void): number {
    const piece = bytes.subarray(0, this.#left);
    this.advance(piece.byteLength);
    if (piece.byteLength > 0) take(piece);
    return piece.byteLength;
  }
}

/** A body of which the end of the connection is the end. */
export class UntilCloseBody implements BodyDecoder {
  readonly plain = Number.POSITIVE_INFINITY;
  readonly whole = false;
  readonly endsWithConnection = true;

  advance(): void {}

  decode(bytes: Uint8Array, take: (piece: Uint8Array) => void): number {
    take(bytes);
    return bytes.byteLength;
  }
}
