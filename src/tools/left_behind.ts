import { type Leftover, ServiceUploadFailed } from '../connectors/service_upload_failed.ts';
import { Cancelled } from '../transfer/cancelled.ts';
import { TransferError } from '../transfer/failures/transfer_error.ts';
import { UploadFailed } from '../workflows/upload_failed.ts';
import { type LeftBehind, SharedFailure } from './shared_failure.ts';

const MAY_BE_DONE: ReadonlySet<Leftover['kind']> = new Set(['perhaps_done', 'goes_on']);

/** What a failed transfer left, by its error. */
export function leftBehind(error: unknown): LeftBehind {
  if (error instanceof SharedFailure) return error.left;
  if (error instanceof UploadFailed) {
    const { uploadId, step, reservation } = error;
    return {
      uploadId,
      reservation: reservation.state,
      partialKept: false,
      mayBeDone: step === 'complete' && reservation.state === 'over',
    };
  }
  const mayBeDone = error instanceof ServiceUploadFailed && MAY_BE_DONE.has(error.left.kind);
  return { partialKept: isPartialKept(error), mayBeDone };
}

/** A download that was failing already when it was stopped leaves what it would have left. */
function isPartialKept(error: unknown): boolean {
  if (error instanceof TransferError) return error.resumable;
  return error instanceof Cancelled && error.partialKept;
}
