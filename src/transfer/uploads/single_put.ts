import type { TransferEngine } from '../engine.ts';
import type { ResponseHeaders } from '../http/response_headers.ts';
import { parseTransferUrl } from '../urls/transfer_url.ts';
import { askStorage, type StorageRequest, successOf } from './storage_request.ts';
import type { FilePiece } from './upload_body.ts';
import type { PutTarget } from './upload_target.ts';

/** A piece of a file, or all of it, in one PUT. */
export interface PutRequest extends Pick<StorageRequest, 'signal' | 'onRead' | 'onSent'> {
  readonly piece: FilePiece;
}

/** @returns the headers of an answer of success to all of the piece */
export async function putPiece(
  target: PutTarget,
  put: PutRequest,
  engine: TransferEngine,
): Promise<ResponseHeaders> {
  const request: StorageRequest = {
    ...put,
    method: 'PUT',
    url: parseTransferUrl(target.url),
    headers: target.headers,
  };
  return successOf(await askStorage(request, engine), request, engine);
}
