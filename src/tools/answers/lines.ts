const NEWLINE = 0x0a;

/** Cuts bytes into lines as they come; of a line that is too long, only that it was there is kept. */
export class Lines {
  readonly #mostBytes: number;
  /** Of a line whose end has not come yet. */
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** The lines that end in these bytes; undefined for one that was too long. */
  *push(chunk: Uint8Array): Generator<string | undefined, void, undefined> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      yield this.#end(bytes, start, end);
      start = end + 1;
    }
    this.#keep(bytes.subarray(start));
  }

  /** What came after the last line end. */
  rest(): string | undefined {
    return this.#end(Buffer.alloc(0), 0, 0);
  }

  #end(bytes: Buffer, start: number, end: number): string | undefined {
    if (this.#length === 0) {
      return end - start > this.#mostBytes ? undefined : bytes.toString('utf8', start, end);
    }
    this.#keep(bytes.subarray(start, end));
    const isTooLong = this.#length > this.#mostBytes;
    const line = isTooLong ? undefined : Buffer.concat(this.#pieces).toString('utf8');
    this.#pieces = [];
    this.#length = 0;
    return line;
  }

  #keep(piece: Buffer): void {
    this.#length += piece.byteLength;
    if (this.#length <= this.#mostBytes) this.#pieces.push(piece);
    else this.#pieces = [];
  }
}
