import { FileDigests } from '../checksums/file_digests.ts';
import {
  computesMd5,
  type StoredObject,
  storedObject,
  type UploadVerified,
  verifyUpload,
} from '../checksums/verify_upload.ts';
import type { TransferEngine } from '../engine.ts';
import { parseTransferUrl } from '../urls/transfer_url.ts';
import { type PutRequest, putPiece } from './single_put.ts';
import type { PutTarget } from './upload_target.ts';

/** Bytes that storage has, and what is known of them. */
export interface StoredBytes {
  readonly bytes: number;
  /** Of the bytes that were sent: base64, as `x-goog-hash` writes it. */
  readonly crc32c: string;
  /** Lower-case hex, if it was asked for. */
  readonly sha256?: string;
  readonly storage: StoredObject;
  readonly verified: UploadVerified;
}

export interface VerifiedPut extends Pick<PutRequest, 'piece' | 'signal' | 'onSent'> {
  /** Also compute SHA-256, at some cost. */
  readonly sha256?: boolean;
}

/** One attempt: a piece of a file, or all of it, in one PUT, and what storage answers compared with it. */
export async function putVerified(
  target: PutTarget,
  put: VerifiedPut,
  engine: TransferEngine,
): Promise<StoredBytes> {
  const { piece, signal, sha256 = false } = put;
  const url = parseTransferUrl(target.url);
  const md5 = computesMd5(piece.source, engine.hosts.willState(url));
  const digests = new FileDigests(piece.start, { md5, sha256 });
  const onRead = (chunk: Uint8Array, at: number) => digests.update(chunk, at);
  const headers = await putPiece(target, { ...put, onRead }, engine);
  const storage = storedObject(headers, url.host);
  const values = digests.values();
  const verified = await verifyUpload(storage, values, piece, signal);
  engine.hosts.stated(url, storage);
  return {
    bytes: piece.end - piece.start,
    crc32c: values.crc32c,
    ...(values.sha256 !== undefined && { sha256: values.sha256 }),
    storage,
    verified,
  };
}
