import { CRC32C_FOLD } from './crc32c_fold.ts';
import { multiply, remainderTables, shiftByBytes, unshiftByBytes } from './gf2_polynomials.ts';

/** CRC-32C (Castagnoli) of a stream, as Google Cloud Storage states it in `x-goog-hash`. */
export interface Crc32c {
  update(bytes: Uint8Array): void;
  /** Of all bytes so far, unsigned. May be asked for at any time; updates may go on. */
  value(): number;
}

/** Bytes that are folded at once; fewer than that wait, and a shorter stream is never folded. */
const STEP_BYTES = 16 * 1024;
const BLOCK_BYTES = 16;
/** What crc32c_fold.wat keeps of a message, and how far apart what it adds lies, in blocks. */
const QUOTIENT_BLOCKS = 209;
const LAGS = [65, 155, 170, 195, 209] as const;
const QUOTIENT_BYTES = QUOTIENT_BLOCKS * BLOCK_BYTES;
/** In the WebAssembly memory: a step of input, then the quotient. */
const QUOTIENT_AT = STEP_BYTES;
const INITIAL = 0xffffffff;

/** What a byte leaves; a function of its own, which V8 puts into the loop, where a closure stays a call. */
function left(tables: Int32Array, byte: number, zeros: number): number {
  return tables[(zeros << 8) | (byte & 0xff)] ?? 0;
}

/** The fold, its memory, and the tables: one set for the process, since no call leaves anything in it. */
class Folding {
  readonly #fold: (input: number, quotient: number, end: number) => void;
  readonly #memory: Uint8Array;
  readonly #tables = remainderTables();
  readonly #unshift = unshiftByBytes(QUOTIENT_BYTES);

  constructor() {
    const module = new WebAssembly.Module(Buffer.from(CRC32C_FOLD, 'base64'));
    const { fold, memory } = new WebAssembly.Instance(module).exports;
    if (typeof fold !== 'function' || !(memory instanceof WebAssembly.Memory)) {
      throw new TypeError('crc32c_fold.wat exports fold and memory');
    }
    this.#fold = (input, quotient, end) => fold(input, quotient, end);
    this.#memory = new Uint8Array(memory.buffer);
  }

  /** Takes the state of one checksum into the memory; {@link leave} brings it back. */
  enter(quotient: Uint8Array): void {
    this.#memory.set(quotient, QUOTIENT_AT);
  }

  /** Folds one step. */
  step(bytes: Uint8Array): void {
    const memory = this.#memory;
    memory.set(bytes, 0);
    this.#fold(0, QUOTIENT_AT, STEP_BYTES);
    const last = QUOTIENT_AT + STEP_BYTES;
    memory.copyWithin(QUOTIENT_AT, last, last + QUOTIENT_BYTES);
  }

  leave(quotient: Uint8Array): void {
    quotient.set(this.#memory.subarray(QUOTIENT_AT, QUOTIENT_AT + QUOTIENT_BYTES));
  }

  /** The register after all that was folded into the quotient. */
  registerOf(quotient: Uint8Array): number {
    return multiply(this.registerAfter(0, remainderOf(quotient)), this.#unshift);
  }

  /** The register after these bytes, eight at a time. */
  registerAfter(register: number, bytes: Uint8Array): number {
    const tables = this.#tables;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let next = register;
    const lastEight = bytes.byteLength - 8;
    let at = 0;
    for (; at <= lastEight; at += 8) {
      const low = next ^ view.getInt32(at, true);
      const high = view.getInt32(at + 4, true);
      next =
        left(tables, low, 7) ^
        left(tables, low >>> 8, 6) ^
        left(tables, low >>> 16, 5) ^
        left(tables, low >>> 24, 4) ^
        left(tables, high, 3) ^
        left(tables, high >>> 8, 2) ^
        left(tables, high >>> 16, 1) ^
        left(tables, high >>> 24, 0);
    }
    for (; at < bytes.byteLength; at += 1) {
      next = (next >>> 8) ^ left(tables, next ^ view.getUint8(at), 0);
    }
    return next >>> 0;
  }
}

/**
 * The register starts with ones, which is the same as adding ones to the message's first four bytes.
 * The longest lag takes them there from the oldest block.
 */
function freshQuotient(): Uint8Array {
  return new Uint8Array(QUOTIENT_BYTES).fill(0xff, 0, 4);
}

/** What the quotient's last blocks would add to the 209 blocks that come next: the remainder, 209 blocks on. */
function remainderOf(quotient: Uint8Array): Uint8Array {
  const blocks = new Uint32Array(quotient.buffer);
  const remainder = new Uint32Array(blocks.length);
  for (const lag of LAGS) {
    const from = blocks.subarray(blocks.length - lag * (BLOCK_BYTES / 4));
    for (let at = 0; at < from.length; at += 1) {
      remainder[at] = (remainder[at] ?? 0) ^ (from[at] ?? 0);
    }
  }
  return new Uint8Array(remainder.buffer);
}

let folding: Folding | undefined;

class FoldedCrc32c implements Crc32c {
  readonly #folding: Folding;
  readonly #waiting = new Uint8Array(STEP_BYTES);
  #waitingBytes = 0;
  #quotient: Uint8Array | undefined;

  constructor() {
    folding ??= new Folding();
    this.#folding = folding;
  }

  update(bytes: Uint8Array): void {
    const first = STEP_BYTES - this.#waitingBytes;
    if (bytes.byteLength < first) {
      this.#wait(bytes);
      return;
    }
    this.#quotient ??= freshQuotient();
    this.#folding.enter(this.#quotient);
    let at = 0;
    if (this.#waitingBytes > 0) {
      this.#wait(bytes.subarray(0, first));
      this.#folding.step(this.#waiting);
      this.#waitingBytes = 0;
      at = first;
    }
    for (; at <= bytes.byteLength - STEP_BYTES; at += STEP_BYTES) {
      this.#folding.step(bytes.subarray(at, at + STEP_BYTES));
    }
    this.#folding.leave(this.#quotient);
    this.#wait(bytes.subarray(at));
  }

  value(): number {
    const register =
      this.#quotient === undefined ? INITIAL : this.#folding.registerOf(this.#quotient);
    const waiting = this.#waiting.subarray(0, this.#waitingBytes);
    return ~this.#folding.registerAfter(register, waiting) >>> 0;
  }

  #wait(bytes: Uint8Array): void {
    this.#waiting.set(bytes, this.#waitingBytes);
    this.#waitingBytes += bytes.byteLength;
  }
}

/** Starts a checksum: some 20 KB of state, no WebAssembly memory of its own. */
export function createCrc32c(): Crc32c {
  return new FoldedCrc32c();
}

/** Base64 of the four bytes, big-endian, as `x-goog-hash` writes it. */
export function crc32cBase64(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.toString('base64');
}

/** The number behind {@link crc32cBase64}. */
export function crc32cFromBase64(text: string): number {
  return Buffer.from(text, 'base64').readUInt32BE();
}

/**
 * The checksum of two pieces that follow each other.
 *
 * @param secondBytes length of the second; exact up to 2^53
 */
export function combineCrc32c(first: number, second: number, secondBytes: number): number {
  return (multiply(first, shiftByBytes(secondBytes)) ^ second) >>> 0;
}
