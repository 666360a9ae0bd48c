import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCrc32c } from '../../../src/transfer/crc32c.ts';
import { createDigests } from '../../../src/transfer/digests.ts';

async function crc32c(...parts: Uint8Array[]): Promise<string> {
  const crc = await createCrc32c();
  for (const part of parts) {
    crc.update(part);
  }
  return crc.digest();
}

describe('CRC-32C', () => {
  // RFC 3720, B.4, and the check value of the polynomial.
  it.each([
    ['123456789', Buffer.from('123456789'), 'e3069283'],
    ['32 zeros', Buffer.alloc(32), '8a9136aa'],
    ['32 ones', Buffer.alloc(32, 0xff), '62a8ab43'],
    ['nothing', Buffer.alloc(0), '00000000'],
  ])('of %s', async (_name, bytes, hex) => {
    expect(await crc32c(bytes)).toBe(Buffer.from(hex, 'hex').toString('base64'));
  });

  it('does not depend on where the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40_000 }), fc.nat(40_000), async (bytes, at) => {
        expect(await crc32c(bytes.subarray(0, at), bytes.subarray(at))).toBe(await crc32c(bytes));
      }),
      { numRuns: 30 },
    );
  });
});

it('SHA-256 and MD5 are computed only where asked for', async () => {
  const plain = await createDigests({});
  plain.update(Buffer.from('abc'));
  expect(plain.values()).toEqual({ crc32c: 'Nks/tw==' });
  const all = await createDigests({ md5: true, sha256: true });
  all.update(Buffer.from('a'));
  all.update(Buffer.from('bc'));
  expect(all.values()).toEqual({
    crc32c: 'Nks/tw==',
    md5: 'kAFQmDzST7DWlj99KOF/cg==',
    sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  });
});
