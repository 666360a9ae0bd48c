import { createDigests, type DigestsWanted, type DigestValues } from './digests.ts';

/** Checksums of a stretch of a file that is sent in order, but parts of which may be sent again. */
export class FileDigests {
  readonly #digests;
  #end: number;

  /** @param start where in the file the stretch begins */
  constructor(start: number, also: DigestsWanted) {
    this.#digests = createDigests(also);
    this.#end = start;
  }

  /** Up to where in the file they go. */
  get end(): number {
    return this.#end;
  }

  /** @param at the chunk's place in the file, no further than what came before it */
  update(chunk: Uint8Array, at: number): void {
    const known = this.#end - at;
    if (known < chunk.byteLength) {
      this.#digests.update(known > 0 ? chunk.subarray(known) : chunk);
      this.#end = at + chunk.byteLength;
    }
  }

  /** May be called once. */
  values(): DigestValues {
    return this.#digests.values();
  }
}
