import { Transform, type TransformCallback } from 'node:stream';

const NEWLINE = 10;
/** Enough to hold an id at either end of a message. */
const EDGE_BYTES = 4096;

/** An id as JSON writes it, that a message can be answered with: text, or a whole number. */
const ID =
  '("(?:[^"\\\\\\u0000-\\u001f]|\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})){0,256}"|-?\\d{1,15})';
/** Where clients write the id of a request: at the head, or last of all. */
const ID_AT_HEAD = new RegExp(
  `^\\s*\\{\\s*(?:"jsonrpc"\\s*:\\s*"2\\.0"\\s*,\\s*)?"id"\\s*:\\s*${ID}\\s*[,}]`,
);
const ID_AT_END = new RegExp(
  `"id"\\s*:\\s*${ID}\\s*(?:,\\s*"jsonrpc"\\s*:\\s*"2\\.0"\\s*)?\\}\\s*$`,
);

/**
 * Passes lines of at most `maxBytes` on whole and drops longer ones, telling the id of the request
 * that was dropped, so that it can be answered. Holds one line at most.
 */
export class BoundedLines extends Transform {
  readonly #maxBytes: number;
  readonly #onDropped: (id: string | number | null) => void;
  #parts: Buffer[] = [];
  #bytes = 0;
  #head: Buffer | undefined;
  #tail = Buffer.alloc(0);

  constructor(maxBytes: number, onDropped: (id: string | number | null) => void) {
    super();
    this.#maxBytes = maxBytes;
    this.#onDropped = onDropped;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.#take(chunk.subarray(from, end + 1));
      this.#endLine();
      from = end + 1;
    }
    this.#take(chunk.subarray(from));
    done();
  }

  #take(part: Buffer): void {
    if (part.length === 0) return;
    this.#bytes += part.length;
    if (this.#head === undefined && this.#bytes <= this.#maxBytes) {
      this.#parts.push(part);
      return;
    }
    const held = Buffer.concat([...this.#parts, part]);
    this.#parts = [];
    this.#head ??= Buffer.from(held.subarray(0, EDGE_BYTES));
    this.#tail = Buffer.concat([this.#tail, held.subarray(-EDGE_BYTES)]).subarray(-EDGE_BYTES);
  }

  #endLine(): void {
    if (this.#head === undefined) {
      this.push(Buffer.concat(this.#parts));
    } else {
      this.#onDropped(idIn(this.#head.toString('utf8'), this.#tail.toString('utf8')));
    }
    this.#parts = [];
    this.#bytes = 0;
    this.#head = undefined;
    this.#tail = Buffer.alloc(0);
  }
}

function idIn(head: string, tail: string): string | number | null {
  const found = ID_AT_HEAD.exec(head)?.[1] ?? ID_AT_END.exec(tail)?.[1];
  if (found === undefined) return null;
  return found.startsWith('"') ? String(JSON.parse(found)) : Number(found);
}
