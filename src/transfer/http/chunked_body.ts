import { brokenAnswer } from '../failures/connection_problem.ts';
import type { BodyDecoder } from './body_decoder.ts';
import { FIELD_VALUE } from './request_head.ts';

/** Longest line that gives a chunk's size, its extensions included. */
export const MOST_SIZE_LINE_BYTES = 4 * 1024;
/** All the fields after the last chunk, together. */
export const MOST_TRAILER_BYTES = 16 * 1024;

const LINE_FEED = 10;
const SIZE_LINE = /^([0-9a-f]{1,16})[\t ]*(?:;.*)?$/i;

type Expected = 'size' | 'end of chunk' | 'trailer';

/** A body in chunks (RFC 9112, 7.1). Extensions and trailer fields are read over. */
export class ChunkedBody implements BodyDecoder {
  /** Bytes between chunks must not reach the reader, so all are looked at. */
  readonly plain = 0;
  readonly endsWithConnection = false;
  #whole = false;
  /** Bytes of the chunk that are still to come. */
  #left = 0;
  #expected: Expected = 'size';
  /** The line so far. */
  #line = '';
  #trailerBytes = 0;

  get whole(): boolean {
    return this.#whole;
  }

  advance(): void {}

  decode(bytes: Uint8Array, take: (piece: Uint8Array) => void): number {
    let at = 0;
    while (at < bytes.byteLength && !this.#whole) {
      at += this.#left > 0 ? this.#pass(bytes, at, take) : this.#readLine(bytes, at);
    }
    return at;
  }

  #pass(bytes: Uint8Array, at: number, take: (piece: Uint8Array) => void): number {
    const piece = bytes.subarray(at, at + this.#left);
    this.#left -= piece.byteLength;
    take(piece);
    return piece.byteLength;
  }

  #readLine(bytes: Uint8Array, at: number): number {
    const lineFeed = bytes.indexOf(LINE_FEED, at);
    const end = lineFeed < 0 ? bytes.byteLength : lineFeed;
    if (this.#line.length + end - at > MOST_SIZE_LINE_BYTES) {
      throw brokenAnswer('a line between its chunks is too long');
    }
    this.#line += Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString('latin1');
    if (lineFeed < 0) return end - at;
    const line = this.#line.slice(0, -1);
    if (!this.#line.endsWith('\r') || !FIELD_VALUE.test(line)) {
      throw brokenAnswer('a line between its chunks is not one');
    }
    this.#line = '';
    this.#take(line);
    return end + 1 - at;
  }

  #take(line: string): void {
    switch (this.#expected) {
      case 'size':
        this.#left = chunkSize(line);
        this.#expected = this.#left === 0 ? 'trailer' : 'end of chunk';
        return;
      case 'end of chunk':
        if (line !== '') throw brokenAnswer('a chunk is longer than its size');
        this.#expected = 'size';
        return;
      case 'trailer':
        this.#trailerBytes += line.length;
        if (this.#trailerBytes > MOST_TRAILER_BYTES) throw brokenAnswer('its trailer is too long');
        this.#whole = line === '';
    }
  }
}

function chunkSize(line: string): number {
  const bytes = Number.parseInt(SIZE_LINE.exec(line)?.[1] ?? '', 16);
  if (!Number.isSafeInteger(bytes)) throw brokenAnswer('the size of a chunk is not one');
  return bytes;
}
