import { sameText } from '../signing.ts';
import { expiredUrl, StorageError } from '../storage_errors.ts';
import type { S3Access, S3Grant, S3Request, Validity } from './s3_access.ts';
import { presignV2, readV2, signatureV2 } from './signature_v2.ts';
import { presignV4, readV4, signatureV4, unsignedHeaders } from './signature_v4.ts';

export type SignatureVersion = 'v2' | 'v4';

const PRESIGN = { v2: presignV2, v4: presignV4 } as const;

/** A URL by which whoever holds it may send the one request that was granted. */
export function presign(
  version: SignatureVersion,
  access: S3Access,
  grant: S3Grant,
  validity: Validity,
): string {
  return PRESIGN[version](access, grant, validity);
}

/**
 * Judges a request by the signature in its query, of either version.
 *
 * @throws StorageError in the words of S3 unless it was signed for this very request and still holds
 */
export function requireSignature(access: S3Access, request: S3Request, now: Date): void {
  const v4 = readV4(request.query);
  const stated = v4 ?? readV2(request.query);
  if (stated === undefined) throw new StorageError(403, 'AccessDenied', 'Access Denied');
  if (now.getTime() > stated.expiresAt) throw expiredUrl(403);
  if (stated.accessKeyId !== access.accessKeyId) {
    throw new StorageError(403, 'InvalidAccessKeyId', 'There is no such access key.');
  }
  if (v4 !== undefined && unsignedHeaders(request).length > 0) {
    throw new StorageError(403, 'AccessDenied', 'There were headers which were not signed');
  }
  const due = v4 === undefined ? signatureV2(access, request) : signatureV4(access, request);
  if (sameText(stated.signature, due)) return;
  throw new StorageError(
    403,
    'SignatureDoesNotMatch',
    'The signature is not the one of this method, path and headers.',
  );
}
