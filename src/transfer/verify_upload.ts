import type { DigestValues } from './digests.ts';
import { headerBytes, headerText, type ResponseHeaders } from './response_headers.ts';
import { statedChecksums } from './stated_checksums.ts';
import { TransferError } from './transfer_error.ts';

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

/** Reads the answer to a PUT; Google Cloud Storage states hash, size and generation in headers. */
export function storedObject(headers: ResponseHeaders): StoredObject {
  const etag = headerText(headers, 'etag');
  const generation = headerText(headers, 'x-goog-generation');
  const bytes = headerBytes(headers, 'x-goog-stored-content-length');
  return {
    ...statedChecksums(headers),
    ...(etag !== undefined && { etag }),
    ...(generation !== undefined && { generation }),
    ...(bytes !== undefined && { bytes }),
  };
}

/**
 * Compares what storage holds with what was sent.
 *
 * @returns the strongest statement that was compared
 * @throws TransferError `checksum_mismatch` or `length_mismatch`, worth one more whole attempt
 */
export function verifyStored(
  stored: StoredObject,
  sent: DigestValues,
  bytes: number,
): 'crc32c' | 'size' | 'none' {
  if (stored.bytes !== undefined && stored.bytes !== bytes) {
    throw new TransferError({
      code: 'length_mismatch',
      outcome: 'mismatch',
      message: `storage holds ${stored.bytes} bytes of ${bytes} that were sent.`,
      bytesTransferred: bytes,
    });
  }
  if (stored.crc32c !== undefined && stored.crc32c !== sent.crc32c) {
    throw new TransferError({
      code: 'checksum_mismatch',
      outcome: 'mismatch',
      message: `storage states CRC32C ${stored.crc32c}, what was sent has ${sent.crc32c}.`,
      bytesTransferred: bytes,
    });
  }
  if (stored.crc32c !== undefined) {
    return 'crc32c';
  }
  return stored.bytes === undefined ? 'none' : 'size';
}
