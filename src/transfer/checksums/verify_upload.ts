import { createHash } from 'node:crypto';
import { TransferError } from '../failures/transfer_error.ts';
import { headerBytes, headerText, type ResponseHeaders } from '../http/response_headers.ts';
import type { ChecksumKind } from '../known_hosts.ts';
import type { UploadSource } from '../sources/upload_source.ts';
import type { FilePiece } from '../uploads/upload_body.ts';
import type { DigestValues } from './digests.ts';
import { statedChecksums } from './stated_checksums.ts';

/** What storage says it now holds. Every field is as storage wrote it. */
export interface StoredObject {
  /** Base64. */
  readonly crc32c?: string;
  /** Base64. */
  readonly md5?: string;
  readonly etag?: string;
  readonly generation?: string;
  readonly bytes?: number;
}

/** The strongest statement of storage that was compared with what was sent, and agreed. */
export type UploadVerified = 'crc32c' | 'md5' | 'size' | 'none';

/**
 * Reads the answer to a PUT; Google Cloud Storage states hash, size and generation in headers.
 *
 * @param host who answered
 */
export function storedObject(headers: ResponseHeaders, host: string): StoredObject {
  const etag = headerText(headers, 'etag');
  const generation = headerText(headers, 'x-goog-generation');
  const bytes = headerBytes(headers, 'x-goog-stored-content-length');
  return {
    ...statedChecksums(headers, host),
    ...(etag !== undefined && { etag }),
    ...(generation !== undefined && { generation }),
    ...(bytes !== undefined && { bytes }),
  };
}

/**
 * Whether to compute MD5 along with the sending, which costs as much as the sending itself: where
 * storage is known to state nothing else, or may do so and the source cannot well be read again.
 */
export function computesMd5(source: UploadSource, expected: ChecksumKind | undefined): boolean {
  return expected === 'md5' || (expected === undefined && source.isRemote === true);
}

/**
 * Compares all that storage states with what was sent.
 *
 * Where a lone MD5 comes as a surprise, the file is read once more for it; a remote source is not,
 * and the MD5 remains uncompared.
 *
 * @throws TransferError `checksum_mismatch` or `length_mismatch`, worth one more whole attempt;
 * `source_changed`; or the signal's reason
 */
export async function verifyUpload(
  stored: StoredObject,
  sent: DigestValues,
  piece: FilePiece,
  signal: AbortSignal,
): Promise<UploadVerified> {
  const bytes = piece.end - piece.start;
  if (stored.bytes !== undefined && stored.bytes !== bytes) {
    throw mismatch('length_mismatch', `holds ${stored.bytes} bytes of ${bytes} sent`, bytes);
  }
  if (stored.crc32c !== undefined && stored.crc32c !== sent.crc32c) {
    const states = `states CRC32C ${stored.crc32c}, what was sent has ${sent.crc32c}`;
    throw mismatch('checksum_mismatch', states, bytes);
  }
  const surprise = stored.crc32c === undefined && stored.md5 !== undefined;
  const readsAgain = surprise && piece.source.isRemote !== true;
  const md5 = sent.md5 ?? (readsAgain ? await md5Of(piece, signal) : undefined);
  if (stored.md5 !== undefined && md5 !== undefined && stored.md5 !== md5) {
    const states = `states MD5 ${stored.md5}, what was sent has ${md5}`;
    throw mismatch('checksum_mismatch', states, bytes);
  }
  if (stored.crc32c !== undefined) return 'crc32c';
  if (stored.md5 !== undefined && md5 !== undefined) return 'md5';
  return stored.bytes === undefined ? 'none' : 'size';
}

async function md5Of({ source, start, end }: FilePiece, signal: AbortSignal): Promise<string> {
  const md5 = createHash('md5');
  for await (const chunk of source.chunks(signal, { start, end })) {
    md5.update(chunk);
  }
  return md5.digest('base64');
}

function mismatch(
  code: 'checksum_mismatch' | 'length_mismatch',
  storageDoes: string,
  bytesTransferred: number,
): TransferError {
  const message = `storage ${storageDoes}.`;
  return new TransferError({ code, outcome: 'mismatch', message, bytesTransferred });
}
