import { TableUnreadable } from './cells.ts';
import { readParquetFooter } from './parquet_footer.ts';

const MAGIC = Buffer.from('PAR1');
/** Magic in front, the footer's length and magic behind. */
const FRAME_BYTES = 12;
const TAIL_BYTES = 8;
/** Larger footers are measured and not read. */
const KEPT_TAIL_BYTES = 1024 * 1024;

/** A parquet file as it arrives: its frame is checked, its footer read where that can be. */
export class ParquetBytes {
  #head = Buffer.alloc(0);
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #size = 0;

  push(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#head.length < MAGIC.length) {
      this.#head = Buffer.concat([this.#head, chunk]).subarray(0, MAGIC.length);
    }
    this.#tail.push(chunk);
    this.#tailBytes += chunk.length;
    let first = this.#tail[0];
    while (first !== undefined && this.#tailBytes - first.length >= KEPT_TAIL_BYTES) {
      this.#tail.shift();
      this.#tailBytes -= first.length;
      first = this.#tail[0];
    }
  }

  /** @throws TableUnreadable */
  end() {
    const tail = Buffer.concat(this.#tail);
    if (!this.#head.equals(MAGIC) || !tail.subarray(-MAGIC.length).equals(MAGIC)) {
      throw new TableUnreadable('The file does not begin and end as parquet does.');
    }
    const footerBytes = this.#size < FRAME_BYTES ? 0 : tail.readUInt32LE(tail.length - TAIL_BYTES);
    if (footerBytes === 0 || footerBytes > this.#size - FRAME_BYTES) {
      throw new TableUnreadable('The footer of the parquet file cannot be as long as it says.');
    }
    const footer = tail.subarray(0, -TAIL_BYTES).subarray(-footerBytes);
    const facts = footer.length === footerBytes ? readParquetFooter(footer) : undefined;
    return {
      rows: facts?.rows ?? null,
      columns: facts?.columns ?? null,
      kept: null,
      digest: null,
    };
  }
}
