import type { PartLimits } from './part_limits.ts';
import { TooManyParts } from './table_refusals.ts';

/** How many parts a table was cut into, and whether the rest can fit into those that are left. */
export class PartCount {
  readonly #textBytes: number | undefined;
  readonly #limits: PartLimits;
  #parts = 0;

  /** @param textBytes of the whole text; undefined where a compressed file does not tell */
  constructor(textBytes: number | undefined, limits: PartLimits) {
    this.#textBytes = textBytes;
    this.#limits = limits;
  }

  get parts(): number {
    return this.#parts;
  }

  add(): void {
    this.#parts++;
  }

  /**
   * There are more records after so many bytes of the text.
   *
   * @throws TooManyParts if they cannot all be sent, however well they compress
   */
  assertEnough(textEnd: number, headerBytes: number): void {
    const { mostParts, decodedBytes } = this.#limits;
    const left = (this.#textBytes ?? textEnd) - textEnd;
    const parts = Math.max(1, Math.ceil(left / (decodedBytes - headerBytes)));
    if (this.#parts + parts > mostParts) throw new TooManyParts(mostParts);
  }
}
