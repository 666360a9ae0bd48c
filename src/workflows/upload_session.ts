import { GeoperaError } from '../geopera/geopera_error.ts';
import { uploads } from '../operations/uploads.ts';
import { openSourceFile, type SourceFile } from '../transfer/source_file.ts';
import { type UploadReceipt, uploadFile } from '../transfer/upload.ts';
import type { Act, WorkflowContext } from './context.ts';
import { eachInParallel } from './each_in_parallel.ts';
import { releaseReservation } from './reservation.ts';
import type { TransferMethod } from './transfer_method.ts';
import { QuotaExceeded, UploadFailed, type UploadStep } from './upload_failed.ts';
import { reportUploadProgress, type UploadProgressReporter } from './upload_progress.ts';
import { itemsOfUpload } from './uploaded_items.ts';

const RESERVE_TIMEOUT_MS = 60_000;

export interface FileToUpload {
  /** Real path on this machine. */
  readonly path: string;
  /** Name of the file in the session. */
  readonly fileName: string;
  readonly contentType: string;
}

export interface UploadSessionRequest {
  readonly projectId: string;
  /** At least one; their names differ. */
  readonly files: readonly FileToUpload[];
  readonly targetCollectionId?: string | undefined;
  readonly targetItemId?: string | undefined;
  readonly assetKey?: string | undefined;
  readonly isCategorical?: boolean | undefined;
  /** Also compute the SHA-256 of each file while it is sent. */
  readonly sha256?: boolean | undefined;
}

export interface UploadedFile extends UploadReceipt {
  readonly fileName: string;
}

export interface UploadSessionOutcome {
  readonly uploadId: string;
  /** Empty where the session made no new item, which is legitimate. */
  readonly itemIds: readonly string[];
  readonly files: readonly UploadedFile[];
  readonly bytes: number;
  readonly seconds: number;
  /** False where the answer of `uploads.complete` was lost and its items were found instead. */
  readonly completeAnswered: boolean;
}

interface OpenFile extends FileToUpload {
  readonly source: SourceFile;
}

/**
 * Sends local files into a project as one upload session: scope, open, reserve, sign, PUT,
 * complete. Whatever ends it after the reservation throws `UploadFailed`, with the reservation
 * released by one `uploads.fail`; what goes wrong before throws as it is.
 */
export async function uploadSession(
  request: UploadSessionRequest,
  act: Act,
  context: WorkflowContext,
): Promise<UploadSessionOutcome> {
  const startedAt = context.engine.clock.now();
  await context.scopes.require(uploads.initiate.scope, uploads.initiate.id, act.signal);
  const files = await openAll(request.files);
  try {
    const bytes = files.reduce((total, { source }) => total + source.size, 0);
    act.signal.throwIfAborted();
    const uploadId = await reserve(request, bytes, context);
    const session = { uploadId, totalBytes: bytes, files: files.length };
    try {
      act.signal.throwIfAborted();
      const progress = reportUploadProgress(session, act, context);
      const sent = await sendAll(uploadId, files, request, progress, act, context);
      await progress.finish();
      const completed = await atStep('complete', () =>
        complete(request.projectId, uploadId, act.signal, context),
      );
      const seconds = (context.engine.clock.now() - startedAt) / 1000;
      return { uploadId, files: sent, bytes, seconds, ...completed };
    } catch (failure) {
      const { step, cause } = whereItFailed(failure);
      const reservation = await releaseReservation(uploadId, step, cause, context);
      throw new UploadFailed(uploadId, step, cause, reservation);
    }
  } finally {
    await closeAll(files);
  }
}

async function openAll(files: readonly FileToUpload[]): Promise<OpenFile[]> {
  const open: OpenFile[] = [];
  try {
    for (const file of files) open.push({ ...file, source: await openSourceFile(file.path) });
    return open;
  } catch (failure) {
    await closeAll(open);
    throw failure;
  }
}

async function closeAll(files: readonly OpenFile[]): Promise<void> {
  await Promise.all(files.map(({ source }) => source.close()));
}

/** Takes no part in the act's cancellation: a session whose id was never heard cannot be released. */
async function reserve(
  request: UploadSessionRequest,
  bytes: number,
  { geopera, transferMethods }: WorkflowContext,
): Promise<string> {
  const signal = AbortSignal.timeout(RESERVE_TIMEOUT_MS);
  const initiate = (method: TransferMethod) =>
    geopera.call(
      uploads.initiate,
      {
        project_id: request.projectId,
        transfer_method: method,
        file_count: request.files.length,
        total_bytes: bytes,
        target_collection_id: request.targetCollectionId,
        target_item_id: request.targetItemId,
        asset_key: request.assetKey,
        is_categorical: request.isCategorical,
      },
      signal,
    );
  try {
    const session = await transferMethods.negotiate(initiate);
    return session.id;
  } catch (failure) {
    throw failure instanceof GeoperaError && failure.kind === 'payment_required'
      ? new QuotaExceeded(bytes, failure)
      : failure;
  }
}

function sendAll(
  uploadId: string,
  files: readonly OpenFile[],
  request: UploadSessionRequest,
  progress: UploadProgressReporter,
  act: Act,
  { geopera, engine, parallelFiles }: WorkflowContext,
): Promise<UploadedFile[]> {
  return eachInParallel(files, parallelFiles, act.signal, async (file, index, signal) => {
    const sign = async (_reason: string, signing: AbortSignal) => {
      const { upload_url: url } = await geopera.call(
        uploads.signedUrl,
        { upload_id: uploadId, file_name: file.fileName, content_type: file.contentType },
        signing,
      );
      return { url, headers: { 'content-type': file.contentType } };
    };
    const receipt = await atStep('transfer', () =>
      uploadFile(
        {
          source: file.source,
          sign: (reason, signing) => atStep('sign', () => sign(reason, signing)),
          signal,
          onProgress: (bytes) => progress.fileAt(index, bytes),
          sha256: request.sha256 ?? false,
        },
        engine,
      ),
    );
    return { ...receipt, fileName: file.fileName };
  });
}

async function complete(
  projectId: string,
  uploadId: string,
  signal: AbortSignal,
  context: WorkflowContext,
): Promise<Pick<UploadSessionOutcome, 'itemIds' | 'completeAnswered'>> {
  try {
    const answer = await context.geopera.call(uploads.complete, { upload_id: uploadId }, signal);
    return { itemIds: answer.item_ids ?? [], completeAnswered: true };
  } catch (failure) {
    if (!(failure instanceof GeoperaError) || !failure.fateUnknown) throw failure;
    const itemIds = await itemsAfterLostAnswer(projectId, uploadId, signal, context);
    if (itemIds.length === 0) throw failure;
    return { itemIds, completeAnswered: false };
  }
}

async function itemsAfterLostAnswer(
  projectId: string,
  uploadId: string,
  signal: AbortSignal,
  context: WorkflowContext,
): Promise<readonly string[]> {
  try {
    return await itemsOfUpload(projectId, uploadId, signal, context);
  } catch (failure) {
    signal.throwIfAborted();
    context.log.warn({ uploadId, failure: String(failure) }, 'could not look for uploaded items');
    return [];
  }
}

/** Carries the step from where an error is thrown to where the session is failed. */
class FailedAtStep extends Error {
  readonly step: UploadStep;

  constructor(step: UploadStep, cause: unknown) {
    super(step, { cause });
    this.step = step;
  }
}

async function atStep<T>(step: UploadStep, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (failure) {
    throw failure instanceof FailedAtStep ? failure : new FailedAtStep(step, failure);
  }
}

function whereItFailed(failure: unknown): { step: UploadStep; cause: unknown } {
  if (failure instanceof FailedAtStep) return { step: failure.step, cause: failure.cause };
  return { step: 'transfer', cause: failure };
}
