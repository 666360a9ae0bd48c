import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkRelay } from '../../../src/transfer/sources/chunk_relay.ts';
import { noise } from '../../faults/transfer/fixtures.ts';

const KIB = 1024;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Pours bytes as a connection does, in pieces of so many, and waits where it is told to pause. */
async function pour(bytes: Uint8Array, relay: ChunkRelay, pieces: readonly number[]) {
  for (let at = 0, n = 0; at < bytes.byteLength; n += 1) {
    const room = relay.room();
    if (room === undefined) throw new Error('there is no room for bytes that are to come');
    const piece = bytes.subarray(
      at,
      at + Math.min(room.byteLength, pieces[n % pieces.length] ?? 1),
    );
    room.set(piece);
    at += piece.byteLength;
    await relay.took(piece.byteLength);
  }
}

async function read(relay: ChunkRelay): Promise<{ bytes: Buffer; lengths: number[] }> {
  const copies: Buffer[] = [];
  for await (const chunk of relay.chunks()) {
    await turn();
    // Now: until the next one is asked for it must be what it was.
    copies.push(Buffer.from(chunk));
  }
  return { bytes: Buffer.concat(copies), lengths: copies.map(({ length }) => length) };
}

describe('a relay of chunks', () => {
  it('gives all bytes in order, however they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.nat(3 * KIB * KIB), fc.constantFrom(0, 256 * KIB, KIB * KIB)),
        fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 5 }),
        async (size, pieces) => {
          const bytes = noise(size);
          const relay = new ChunkRelay(size);
          const least = Math.max(5_000, ...pieces);
          const [got] = await Promise.all([read(relay), pour(bytes, relay, [least])]);
          expect(got.bytes.equals(bytes)).toBe(true);
          expect(relay.room()).toBeUndefined();
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([
    [1_000_000, [262_144, 262_144, 262_144, 213_568]],
    [1_048_576, [65_536, 262_144, 262_144, 262_144, 196_608]],
    [5, [5]],
    [0, []],
  ])('cuts %i bytes as a file is cut', async (size, lengths) => {
    const relay = new ChunkRelay(size);
    const [got] = await Promise.all([read(relay), pour(noise(size), relay, [50_000])]);
    expect(got.lengths).toEqual(lengths);
  });

  it('tells the connection to pause while its reader is behind, and uses its memory again', async () => {
    const size = 8 * KIB * KIB;
    const relay = new ChunkRelay(size);
    const memory = new Set<ArrayBufferLike>();
    let poured = 0;
    const pouring = (async () => {
      while (poured < size) {
        const room = relay.room();
        if (room === undefined) throw new Error('no room');
        memory.add(room.buffer);
        poured += room.byteLength;
        await relay.took(room.byteLength);
      }
    })();
    await turn();
    expect(poured).toBe(320 * KIB);
    let given = 0;
    for await (const chunk of relay.chunks()) {
      given += chunk.byteLength;
      await turn();
      expect(poured - given).toBeLessThanOrEqual(512 * KIB);
    }
    await pouring;
    expect(given).toBe(size);
    expect(memory.size).toBeLessThanOrEqual(5);
  });

  it('has room also while it asks for a pause: what came in already has to go somewhere', async () => {
    const bytes = noise(2 * KIB * KIB);
    const relay = new ChunkRelay(bytes.byteLength);
    // Nobody waits for a pause here.
    for (let at = 0; at < bytes.byteLength; ) {
      const room = relay.room();
      if (room === undefined) throw new Error('no room');
      room.set(bytes.subarray(at, at + room.byteLength));
      at += room.byteLength;
      void relay.took(room.byteLength);
    }
    expect((await read(relay)).bytes.equals(bytes)).toBe(true);
  });

  it('passes a failure on at once', async () => {
    const relay = new ChunkRelay(10);
    const reading = read(relay);
    relay.fail(new Error('gone'));
    await expect(reading).rejects.toThrow('gone');
  });
});
