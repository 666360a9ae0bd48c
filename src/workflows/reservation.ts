import { GeoperaError } from '../geopera/geopera_error.ts';
import { uploads } from '../operations/uploads.ts';
import { TransferError } from '../transfer/transfer_error.ts';
import type { WorkflowContext } from './context.ts';
import type { Reservation, UploadStep } from './upload_failed.ts';

const MAX_TRIES = 3;
const TRY_TIMEOUT_MS = 15_000;
const WAIT_BETWEEN_MS = 1_000;

/** What the API answers if the session is already over: after a lost answer, our own doing. */
const ALREADY_OVER = new Set([404, 409, 410]);

/**
 * Gives the quota of a failed session back through `uploads.fail`. It runs also when the act was
 * cancelled, so it has its own time limit, and it never throws: the first error matters more.
 */
export async function releaseReservation(
  uploadId: string,
  step: UploadStep,
  cause: unknown,
  { geopera, engine, log }: WorkflowContext,
): Promise<Reservation> {
  const input = { upload_id: uploadId, error_message: forTheRecord(cause), error_step: step };
  for (let tries = 1; ; tries += 1) {
    const signal = AbortSignal.timeout(TRY_TIMEOUT_MS);
    try {
      await geopera.call(uploads.fail, input, signal);
      return { released: true };
    } catch (failure) {
      const status = failure instanceof GeoperaError ? failure.status : undefined;
      if (tries > 1 && status !== undefined && ALREADY_OVER.has(status)) return { released: true };
      const unknown = !(failure instanceof GeoperaError) || failure.fateUnknown;
      if (tries < MAX_TRIES && unknown) {
        await engine.clock.wait(WAIT_BETWEEN_MS, new AbortController().signal);
        continue;
      }
      const reason = failure instanceof GeoperaError ? failure.detail : 'no answer in time';
      log.warn({ uploadId, reason }, 'reservation not released');
      return { released: false, reason };
    }
  }
}

/** The message that Geopera keeps: what went wrong, without this machine's paths. */
function forTheRecord(cause: unknown): string {
  if (cause instanceof GeoperaError) return cause.message;
  if (cause instanceof TransferError) {
    return [cause.code, cause.status, cause.storageCode].filter((it) => it !== undefined).join(' ');
  }
  return 'cancelled by the client';
}
