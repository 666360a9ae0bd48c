import { randomUUID } from 'node:crypto';
import { SessionTakenOver } from '../connectors/session_taken_over.ts';
import { GeoperaError, type GeoperaErrorKind } from '../geopera/geopera_error.ts';
import { uploads } from '../operations/uploads.ts';
import { TransferError } from '../transfer/failures/transfer_error.ts';
import type { WorkflowContext } from './context.ts';
import type { SessionEntry } from './session_journal.ts';
import type { TransferMethod } from './transfer_method.ts';
import { type FailurePoint, QuotaExceeded, type Reservation } from './upload_failed.ts';
import type { UploadPlace } from './upload_request.ts';

const MAX_TRIES = 2;
const WAIT_BETWEEN_MS = 1_000;
/** While it waits the act cannot be cancelled, so a longer wait is for the caller to decide. */
const RESERVE_PATIENCE_MS = 15_000;
/** The API counts in windows of a minute: a release waits for the next one. */
const RELEASE_PATIENCE_MS = 65_000;

/**
 * How long a cancelled act is given to clean up, in milliseconds: a session that is just being
 * opened is heard out and then released. An API that is slow at every step may take longer.
 */
export const CLEAN_UP_MS = 120_000;

/** How the API says that a session has ended before, or is not known to it any more. */
export const ALREADY_OVER: ReadonlySet<GeoperaErrorKind | undefined> = new Set([
  'not_found',
  'conflict',
  'gone',
]);

/** What a session is opened for; the files count, whoever sends them. */
interface SessionToOpen extends UploadPlace {
  readonly files: readonly unknown[];
}

/**
 * Opens a session that reserves quota for so many bytes, and answers its id. It takes no part in
 * any cancellation: a session whose id was never heard can be released only by asking again with the
 * same key, which is left to the recovery.
 */
export async function reserve(
  request: SessionToOpen,
  bytes: number,
  entry: SessionEntry,
  { geopera, transferMethods }: WorkflowContext,
): Promise<string> {
  const { signal } = new AbortController();
  const initiate = async (method: TransferMethod) => {
    const input = uploads.initiate.input.parse({
      project_id: request.projectId,
      transfer_method: method,
      file_count: request.files.length,
      total_bytes: bytes,
      target_collection_id: request.targetCollectionId,
      target_item_id: request.targetItemId,
      asset_key: request.assetKey,
      is_categorical: request.isCategorical,
    });
    // Another method makes another body, which the same key would not be taken with.
    const idempotencyKey = randomUUID();
    await entry.intend(input, idempotencyKey);
    const terms = { patienceMs: RESERVE_PATIENCE_MS, idempotencyKey };
    return geopera.call(uploads.initiate, input, signal, terms);
  };
  try {
    const { id } = await transferMethods.negotiate(initiate);
    await entry.note({ uploadId: id, step: 'transfer' });
    return id;
  } catch (failure) {
    const known = failure instanceof GeoperaError ? failure : undefined;
    await (known?.fateUnknown ? entry.leave() : entry.remove());
    throw known?.kind === 'payment_required' ? new QuotaExceeded(bytes, known) : failure;
  }
}

/**
 * Gives the quota of a failed session back through `uploads.fail`. It runs also when the act was
 * cancelled, and it never throws: the first error matters more.
 */
export async function releaseReservation(
  uploadId: string,
  { step, cause }: FailurePoint,
  { geopera, engine, log }: WorkflowContext,
): Promise<Reservation> {
  const input = { upload_id: uploadId, error_message: forTheRecord(cause), error_step: step };
  const { signal } = new AbortController();
  for (let tries = 1; ; tries += 1) {
    try {
      await geopera.call(uploads.fail, input, signal, { patienceMs: RELEASE_PATIENCE_MS });
      return { state: 'released' };
    } catch (failure) {
      const known = failure instanceof GeoperaError ? failure : undefined;
      if (ALREADY_OVER.has(known?.kind)) return { state: 'over' };
      if (!known?.fateUnknown || tries === MAX_TRIES) {
        const reason = known?.detail ?? 'internal error';
        log.error({ uploadId, reason }, 'reservation not released');
        return { state: 'held', reason };
      }
      await engine.clock.wait(WAIT_BETWEEN_MS, signal);
    }
  }
}

/** As `releaseReservation`; and what is noted of the session goes, or is left where it is still held. */
export async function endSession(
  uploadId: string,
  point: FailurePoint,
  entry: SessionEntry,
  context: WorkflowContext,
): Promise<Reservation> {
  const reservation = await releaseReservation(uploadId, point, context);
  await (reservation.state === 'held' ? entry.leave() : entry.remove());
  return reservation;
}

/** The message that Geopera keeps: what went wrong, without this machine's paths. */
function forTheRecord(cause: unknown): string {
  if (cause instanceof GeoperaError || cause instanceof SessionTakenOver) return cause.message;
  if (cause instanceof TransferError) {
    return [cause.code, cause.status, cause.storageCode].filter((it) => it !== undefined).join(' ');
  }
  return cause instanceof Error && cause.name === 'AbortError' ? cause.message : 'internal error';
}
