import { createHash } from 'node:crypto';
import { crc32cBase64, createCrc32c } from './crc32c.ts';

/** Checksums of what was moved. */
export interface DigestValues {
  /** Base64, as `x-goog-hash` writes it. */
  readonly crc32c: string;
  /** Base64, as `Content-MD5` writes it. */
  readonly md5?: string;
  /** Lower-case hex. */
  readonly sha256?: string;
}

/** What to compute beside CRC-32C. */
export interface DigestsWanted {
  readonly md5?: boolean;
  readonly sha256?: boolean;
}

/** Several checksums over one pass of the bytes. */
export interface Digests {
  update(bytes: Uint8Array): void;
  /** May be called once. */
  values(): DigestValues;
}

/** CRC-32C always; MD5 and SHA-256 only where asked for, since each costs half the throughput. */
export function createDigests(also: DigestsWanted): Digests {
  const crc32c = createCrc32c();
  const md5 = also.md5 ? createHash('md5') : undefined;
  const sha256 = also.sha256 ? createHash('sha256') : undefined;
  return {
    update(bytes) {
      crc32c.update(bytes);
      md5?.update(bytes);
      sha256?.update(bytes);
    },
    values: () => ({
      crc32c: crc32cBase64(crc32c.value()),
      ...(md5 && { md5: md5.digest('base64') }),
      ...(sha256 && { sha256: sha256.digest('hex') }),
    }),
  };
}
