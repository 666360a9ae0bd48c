const NEWLINE = 0x0a;

/** Cuts bytes into lines as they come; of a line that is too long, only that it was there is kept. */
export class Lines {
  readonly #mostBytes: number;
  #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** The lines that end in these bytes; undefined for one that was too long. */
  *push(chunk: Uint8Array): Generator<string | undefined, void, undefined> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      yield this.#take();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  /** What came after the last line end. */
  rest(): string | undefined {
    return this.#take();
  }

  #keep(piece: Uint8Array): void {
    this.#length += piece.byteLength;
    if (this.#length <= this.#mostBytes) this.#pieces.push(piece);
    else this.#pieces = [];
  }

  #take(): string | undefined {
    const isTooLong = this.#length > this.#mostBytes;
    const line = isTooLong ? undefined : Buffer.concat(this.#pieces).toString('utf8');
    this.#pieces = [];
    this.#length = 0;
    return line;
  }
}
