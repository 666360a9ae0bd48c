import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { stacFileFacts } from '../../../src/workflows/stac_file_facts.ts';

const MD5 = createHash('md5').update('x').digest('hex');
const SHA256 = createHash('sha256').update('x').digest('hex');
const SHA512 = createHash('sha512').update('x').digest('hex');

describe('what a STAC asset says of its file', () => {
  it.each([
    [{ 'file:checksum': `1220${SHA256}` }, { sha256: SHA256 }],
    [{ 'file:checksum': `1220${SHA256.toUpperCase()}` }, { sha256: SHA256 }],
    [{ 'file:checksum': `d50110${MD5}` }, { md5: MD5 }],
    [
      { 'file:checksum': `d50110${MD5}`, 'file:size': 12 },
      { md5: MD5, bytes: 12 },
    ],
    [{ 'file:size': 0 }, { bytes: 0 }],
    [{ 'file:checksum': `1340${SHA512}` }, {}],
    [{ 'file:checksum': `1210${SHA256}` }, {}],
    [{ 'file:checksum': `1220${SHA256.slice(2)}` }, {}],
    [{ 'file:checksum': SHA256 }, {}],
    [{ 'file:checksum': '' }, {}],
    [{ 'file:checksum': '808080808080' }, {}],
    [{ 'file:checksum': 7, 'file:size': '12' }, {}],
    [{ 'file:size': -1 }, {}],
    [{}, {}],
  ])('%o', (asset, facts) => {
    expect(stacFileFacts(asset)).toEqual(facts);
  });
});
