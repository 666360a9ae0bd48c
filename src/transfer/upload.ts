import { untilAborted } from './cancellable.ts';
import { createDigests } from './digests.ts';
import type { TransferEngine } from './engine.ts';
import type { OpenReason } from './retry_policy.ts';
import { withRetries } from './retrying.ts';
import { type SignedTarget, SinglePut } from './single_put.ts';
import type { SourceFile } from './source_file.ts';
import { type StoredObject, storedObject, verifyStored } from './verify_upload.ts';

export type { SignedTarget } from './single_put.ts';

export interface UploadRequest {
  /** Opened and closed by the caller. */
  readonly source: SourceFile;
  /** Called before every attempt. What it throws ends the upload as it is. */
  sign(reason: OpenReason, signal: AbortSignal): Promise<SignedTarget>;
  readonly signal: AbortSignal;
  /** Bytes handed to the network; never falls, not even when an attempt starts over. Must not throw. */
  onProgress?(bytesDone: number): void;
  /** Also compute SHA-256, at some cost. */
  readonly sha256?: boolean;
}

export interface UploadReceipt {
  readonly bytes: number;
  /** Of the bytes that were sent: base64, as `x-goog-hash` writes it. */
  readonly crc32c: string;
  /** Lower-case hex, if it was asked for. */
  readonly sha256?: string;
  readonly storage: StoredObject;
  /** What storage stated and agreed with what was sent. */
  readonly verified: 'crc32c' | 'size' | 'none';
  readonly attempts: number;
}

/**
 * Puts one file to one signed URL in a single streamed request, in under 1 MiB of memory.
 *
 * Every retry sends the whole file again to a freshly signed URL.
 *
 * @throws TransferError; or the signal's reason; or what `sign` or `onProgress` threw
 */
export async function uploadFile(
  request: UploadRequest,
  engine: TransferEngine,
): Promise<UploadReceipt> {
  let highest = 0;
  const report = (bytes: number) => {
    if (bytes > highest) {
      highest = bytes;
      request.onProgress?.(bytes);
    }
  };
  return withRetries(engine, request.signal, async ({ number, reason }) => {
    const target = await untilAborted(request.sign(reason, request.signal), request.signal);
    const digests = createDigests({ sha256: request.sha256 ?? false });
    const put = new SinglePut(request, engine, digests, report);
    const storage = storedObject(await put.send(target));
    const values = digests.values();
    return {
      bytes: request.source.size,
      crc32c: values.crc32c,
      ...(values.sha256 !== undefined && { sha256: values.sha256 }),
      storage,
      verified: verifyStored(storage, values, request.source.size),
      attempts: number,
    };
  });
}
