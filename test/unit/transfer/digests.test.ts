import { expect, it } from 'vitest';
import { createDigests } from '../../../src/transfer/checksums/digests.ts';

it('SHA-256 and MD5 are computed only where asked for', () => {
  const plain = createDigests({});
  plain.update(Buffer.from('abc'));
  expect(plain.values()).toEqual({ crc32c: 'Nks/tw==' });
  const all = createDigests({ md5: true, sha256: true });
  all.update(Buffer.from('a'));
  all.update(Buffer.from('bc'));
  expect(all.values()).toEqual({
    crc32c: 'Nks/tw==',
    md5: 'kAFQmDzST7DWlj99KOF/cg==',
    sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  });
});
