import type { ExpectedFile } from '../transfer/checksums/verify_download.ts';
import type { ListedRecord } from './listings.ts';

/** Multihash codes of the hashes that can be compared, and the length of their digests in bytes. */
const HASHES: ReadonlyMap<number, { readonly name: 'sha256' | 'md5'; readonly bytes: number }> =
  new Map([
    [0x12, { name: 'sha256', bytes: 32 }],
    [0xd5, { name: 'md5', bytes: 16 }],
  ]);

/**
 * What an asset's record says of its file: `file:size` in bytes and `file:checksum`, a multihash in
 * hex (STAC file info extension 2.1). What is not there, or of a hash that is not known, is left out.
 */
export function stacFileFacts(asset: ListedRecord): ExpectedFile {
  const size = asset['file:size'];
  return {
    ...(typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 && { bytes: size }),
    ...checksum(asset['file:checksum']),
  };
}

function checksum(multihash: unknown): ExpectedFile {
  if (typeof multihash !== 'string' || !/^([0-9a-f]{2}){3,130}$/i.test(multihash)) return {};
  const bytes = Buffer.from(multihash, 'hex');
  const code = varint(bytes, 0);
  const length = varint(bytes, code.next);
  const digest = bytes.subarray(length.next);
  const hash = HASHES.get(code.value);
  if (hash === undefined || length.value !== hash.bytes || digest.byteLength !== hash.bytes) {
    return {};
  }
  return { [hash.name]: digest.toString('hex') };
}

/** Seven bits a byte, the lowest first, as multiformats write numbers; at most four bytes of one. */
function varint(bytes: Uint8Array, from: number): { value: number; next: number } {
  let value = 0;
  for (let at = from; at < from + 4; at += 1) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * (at - from));
    if (byte < 0x80) return { value, next: at + 1 };
  }
  return { value: -1, next: from };
}
