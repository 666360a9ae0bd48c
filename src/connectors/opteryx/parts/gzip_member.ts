import { crc32 } from 'node:zlib';
import type { DeflatedPiece } from './deflated_batches.ts';

/** RFC 1952: no name, no time, so that the same records make the same bytes; of an unknown system. */
const HEAD = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** RFC 1951: a last block with nothing in it. */
const LAST_BLOCK = Buffer.from([0x03, 0x00]);
const TRAILER_BYTES = 8;

/** One gzip file with one member, since not every reader goes on after the first, made of pieces. */
export class GzipMember {
  readonly #pieces: DeflatedPiece[] = [HEAD];
  #crc = 0;
  #decodedBytes = 0;
  #bodyBytes = HEAD.length + LAST_BLOCK.length + TRAILER_BYTES;

  /** What was put in. */
  get decodedBytes(): number {
    return this.#decodedBytes;
  }

  /** What `body()` has, exactly. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /** @param piece `bytes`, compressed */
  add(bytes: Uint8Array, piece: DeflatedPiece): void {
    this.#crc = crc32(bytes, this.#crc);
    this.#decodedBytes += bytes.length;
    this.#bodyBytes += piece.length;
    this.#pieces.push(piece);
  }

  body(): Buffer {
    const trailer = Buffer.alloc(TRAILER_BYTES);
    trailer.writeUInt32LE(this.#crc, 0);
    trailer.writeUInt32LE(this.#decodedBytes % 2 ** 32, 4);
    return Buffer.concat([...this.#pieces, LAST_BLOCK, trailer], this.#bodyBytes);
  }
}
