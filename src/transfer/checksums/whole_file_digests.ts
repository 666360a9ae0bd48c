import { createHash } from 'node:crypto';
import type { Segment } from '../downloads/download_journal_format.ts';
import type { PartFile } from '../files/part_file.ts';
import { combineCrc32c, crc32cBase64 } from './crc32c.ts';
import type { DigestValues } from './digests.ts';

/** CRC-32C of no bytes. */
const EMPTY = 0;
const READ_BYTES = 1024 * 1024;

/**
 * CRC-32C of a file from those of its segments, in whatever order they came.
 *
 * @throws RangeError if they are not the whole file, each byte once
 */
export function crc32cOfSegments(segments: readonly Segment[], bytes: number): number {
  let sum = EMPTY;
  let end = 0;
  for (const segment of [...segments].sort((a, b) => a.start - b.start)) {
    if (segment.start !== end) throw new RangeError(`bytes ${end}-${segment.start} are not there`);
    sum = combineCrc32c(sum, segment.crc32c, segment.end - segment.start);
    end = segment.end;
  }
  if (end !== bytes) throw new RangeError(`${end} of ${bytes} bytes are there`);
  return sum;
}

/**
 * Checksums of a file that came in segments. CRC-32C follows from theirs; MD5 and SHA-256 cannot be
 * put together, so the file is read once more where one of those is wanted.
 */
export async function wholeFileDigests(
  part: PartFile,
  segments: readonly Segment[],
  bytes: number,
  also: { readonly md5: boolean; readonly sha256: boolean },
  signal: AbortSignal,
): Promise<DigestValues> {
  const md5 = also.md5 ? createHash('md5') : undefined;
  const sha256 = also.sha256 ? createHash('sha256') : undefined;
  if (md5 !== undefined || sha256 !== undefined) {
    for await (const piece of part.read(Buffer.allocUnsafeSlow(READ_BYTES))) {
      signal.throwIfAborted();
      md5?.update(piece);
      sha256?.update(piece);
    }
  }
  return {
    crc32c: crc32cBase64(crc32cOfSegments(segments, bytes)),
    ...(md5 && { md5: md5.digest('base64') }),
    ...(sha256 && { sha256: sha256.digest('hex') }),
  };
}
