import fc from 'fast-check';
import { createCRC32 } from 'hash-wasm';
import { describe, expect, it } from 'vitest';
import {
  combineCrc32c,
  crc32cBase64,
  createCrc32c,
} from '../../../src/transfer/checksums/crc32c.ts';

const CASTAGNOLI = 0x82f63b78;
const oracle = await createCRC32(CASTAGNOLI);

/** By an independent implementation. */
function expected(bytes: Uint8Array): number {
  return Number.parseInt(oracle.init().update(bytes).digest('hex'), 16);
}

function crc32c(...parts: readonly Uint8Array[]): number {
  const crc = createCrc32c();
  for (const part of parts) {
    crc.update(part);
  }
  return crc.value();
}

/** Bytes without a pattern, the same for the same seed. */
function noise(length: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed | 1;
  for (let at = 0; at < words.length; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}

/** Around what the implementation counts in: blocks, the blocks it keeps, what it folds at once. */
const edgeLength = fc
  .tuple(
    fc.constantFrom(0, 16, 64, 3344, 16_384, 16_384 + 3344, 2 * 16_384, 5 * 16_384),
    fc.integer({ min: -70, max: 70 }),
  )
  .map(([base, off]) => Math.max(0, base + off));
const length = fc.oneof(edgeLength, fc.nat(200_000));
const contents = fc.tuple(length, fc.integer()).map(([bytes, seed]) => noise(bytes, seed));
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

function cutUp(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const at = places.map((place) => Math.floor(place * bytes.length)).sort((a, b) => a - b);
  return [0, ...at].map((start, piece) => bytes.subarray(start, at[piece] ?? bytes.length));
}

describe('CRC-32C', () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, at) => at);

  // RFC 3720, B.4, and the check value of the polynomial.
  it.each([
    ['123456789', Buffer.from('123456789'), 0xe3069283],
    ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['32 ascending', ascending, 0x46dd794e],
    ['32 descending', ascending.toReversed(), 0x113fdb5c],
    [
      'an iSCSI SCSI read command',
      Buffer.from(
        '01c000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000',
        'hex',
      ),
      0xd9963a56,
    ],
    ['nothing', Buffer.alloc(0), 0],
  ])('of %s', (_name, bytes, value) => {
    expect(crc32c(bytes)).toBe(value);
  });

  it('agrees with another implementation, wherever the stream is cut', () => {
    fc.assert(
      fc.property(contents, cuts, (bytes, places) => {
        expect(crc32c(...cutUp(bytes, places))).toBe(expected(bytes));
      }),
      { numRuns: 300 },
    );
  });

  it('agrees for bytes of any kind', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40_000, size: 'max' }), (bytes) => {
        expect(crc32c(bytes)).toBe(expected(bytes));
      }),
    );
  });

  it('can be asked for in the middle', () => {
    fc.assert(
      fc.property(contents, cuts, (bytes, places) => {
        const crc = createCrc32c();
        let end = 0;
        for (const piece of cutUp(bytes, places)) {
          crc.update(piece);
          end += piece.length;
          expect(crc.value()).toBe(expected(bytes.subarray(0, end)));
          expect(crc.value()).toBe(expected(bytes.subarray(0, end)));
        }
      }),
    );
  });

  it('is computed of several streams at a time', () => {
    fc.assert(
      fc.property(contents, contents, cuts, (one, other, places) => {
        const [crcOfOne, crcOfOther] = [createCrc32c(), createCrc32c()];
        const ofOther = cutUp(other, places);
        for (const [at, piece] of cutUp(one, places).entries()) {
          crcOfOne.update(piece);
          crcOfOther.update(ofOther[at] ?? new Uint8Array());
        }
        expect(crcOfOne.value()).toBe(expected(one));
        expect(crcOfOther.value()).toBe(expected(other));
      }),
    );
  });

  it('does not change the bytes it is given', () => {
    const bytes = noise(40_000, 7);
    const before = Buffer.from(bytes);
    crc32c(bytes);
    expect(before.equals(bytes)).toBe(true);
  });

  it('is written as storage writes it', () => {
    expect(crc32cBase64(0x364b3fb7)).toBe('Nks/tw==');
    expect(crc32cBase64(0)).toBe('AAAAAA==');
    expect(crc32cBase64(0xffffffff)).toBe('/////w==');
  });
});

describe('combining', () => {
  it('gives the checksum of the whole, wherever it was cut', () => {
    fc.assert(
      fc.property(contents, fc.double({ min: 0, max: 1, noNaN: true }), (bytes, place) => {
        const [first, second] = cutUp(bytes, [place]);
        expect(
          combineCrc32c(crc32c(first ?? bytes), crc32c(second ?? bytes), second?.length ?? 0),
        ).toBe(expected(bytes));
      }),
      { numRuns: 200 },
    );
  });

  /** CRC-32C of so many zeros, by doubling: no multiplication of lengths in it. */
  function ofZeros(doublings: number): { readonly crc: number; readonly bytes: number } {
    let crc = expected(new Uint8Array(1));
    for (let bytes = 1, left = doublings; left > 0; left -= 1, bytes *= 2) {
      crc = combineCrc32c(crc, crc, bytes);
    }
    return { crc, bytes: 2 ** doublings };
  }

  it('of lengths that a test can hold agrees with the zeros themselves', () => {
    expect(ofZeros(20).crc).toBe(expected(new Uint8Array(2 ** 20)));
  });

  it.each([[31], [32], [33], [40], [50], [52]])(
    'is exact for 2^%i bytes and one more',
    (doublings) => {
      const { crc, bytes } = ofZeros(doublings);
      const one = expected(new Uint8Array(1));
      // The odd length in one shift, and as the even one with a byte before or behind it.
      expect(combineCrc32c(one, crc, bytes)).toBe(combineCrc32c(crc, one, 1));
      const tail = crc32c(Buffer.from('tail'));
      const ofBoth = combineCrc32c(combineCrc32c(tail, crc, bytes), one, 1);
      expect(combineCrc32c(tail, combineCrc32c(crc, one, 1), bytes + 1)).toBe(ofBoth);
    },
  );
});
