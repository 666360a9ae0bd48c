import { TransferError } from '../failures/transfer_error.ts';
import type { DigestValues } from './digests.ts';
import type { StatedChecksums } from './stated_checksums.ts';

/** What the caller knows about the file beforehand, from a catalogue for instance. */
export interface ExpectedFile {
  readonly bytes?: number | undefined;
  /** Base64 as storage writes it, or hex. */
  readonly crc32c?: string | undefined;
  /** Base64 as storage writes it, or hex. */
  readonly md5?: string | undefined;
  /** Hex. */
  readonly sha256?: string | undefined;
}

/** What was compared and agreed. */
export interface Verification {
  readonly verified: 'sha256' | 'crc32c' | 'md5' | 'size' | 'none';
  readonly verifiedAgainst?: 'storage' | 'catalogue';
}

/** What came, and what storage said would come. */
export interface Received {
  readonly bytes: number;
  readonly digests: DigestValues;
  /** What storage stated about these very bytes. */
  readonly stated: StatedChecksums & { readonly bytes?: number | undefined };
}

interface Comparison {
  readonly kind: 'sha256' | 'crc32c' | 'md5';
  readonly against: 'storage' | 'catalogue';
  readonly wanted: string | undefined;
  readonly got: string | undefined;
}

function asBase64(checksum: string | undefined): string | undefined {
  const isHex = checksum !== undefined && /^([0-9a-f]{8}|[0-9a-f]{32})$/i.test(checksum);
  return isHex ? Buffer.from(checksum, 'hex').toString('base64') : checksum;
}

function mismatch(
  code: 'checksum_mismatch' | 'length_mismatch',
  message: string,
  bytes: number,
): TransferError {
  return new TransferError({ code, outcome: 'mismatch', message, bytesTransferred: bytes });
}

/**
 * Which checksums to compute beside CRC-32C. MD5 is slow, so storage's is compared only where it
 * states no CRC-32C.
 */
export function digestsNeeded(
  stated: StatedChecksums,
  expected: ExpectedFile,
): { readonly md5: boolean; readonly sha256: boolean } {
  return {
    md5: expected.md5 !== undefined || (stated.md5 !== undefined && stated.crc32c === undefined),
    sha256: expected.sha256 !== undefined,
  };
}

/**
 * Compares a received file with everything known about it. All that was computed must agree.
 *
 * @returns the strongest of them
 * @throws TransferError `length_mismatch` or `checksum_mismatch`, worth one more whole attempt
 */
export function verifyReceived(received: Received, expected: ExpectedFile): Verification {
  const { bytes, digests, stated } = received;
  for (const wanted of [stated.bytes, expected.bytes]) {
    if (wanted !== undefined && wanted !== bytes) {
      throw mismatch('length_mismatch', `${bytes} bytes came, ${wanted} were stated.`, bytes);
    }
  }
  const strongestFirst: readonly Comparison[] = [
    {
      kind: 'sha256',
      against: 'catalogue',
      wanted: expected.sha256?.toLowerCase(),
      got: digests.sha256,
    },
    { kind: 'crc32c', against: 'storage', wanted: stated.crc32c, got: digests.crc32c },
    {
      kind: 'crc32c',
      against: 'catalogue',
      wanted: asBase64(expected.crc32c),
      got: digests.crc32c,
    },
    { kind: 'md5', against: 'storage', wanted: stated.md5, got: digests.md5 },
    { kind: 'md5', against: 'catalogue', wanted: asBase64(expected.md5), got: digests.md5 },
  ];
  const made = strongestFirst.filter(
    ({ wanted, got }) => wanted !== undefined && got !== undefined,
  );
  for (const { kind, against, wanted, got } of made) {
    if (wanted !== got) {
      const message = `${against} states ${kind} ${wanted}, what came has ${got}.`;
      throw mismatch('checksum_mismatch', message, bytes);
    }
  }
  const [strongest] = made;
  if (strongest !== undefined) {
    return { verified: strongest.kind, verifiedAgainst: strongest.against };
  }
  if (stated.bytes !== undefined) {
    return { verified: 'size', verifiedAgainst: 'storage' };
  }
  return expected.bytes === undefined
    ? { verified: 'none' }
    : { verified: 'size', verifiedAgainst: 'catalogue' };
}
