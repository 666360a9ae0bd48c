import { uploads } from '../operations/uploads.ts';
import type { Act } from '../transfer/act.ts';
import type { UploadSource } from '../transfer/sources/upload_source.ts';
import { type UploadReceipt, type UploadRequest, uploadFile } from '../transfer/upload.ts';
import { type Completion, completeUpload } from './completion.ts';
import type { WorkflowContext } from './context.ts';
import { eachInParallel } from './each_in_parallel.ts';
import { endSession, reserve } from './reservation.ts';
import type { SessionEntry } from './session_journal.ts';
import { SessionTakenOver } from './session_taken_over.ts';
import { type FailurePoint, UploadFailed, type UploadStep } from './upload_failed.ts';
import { reportUploadProgress, type UploadProgressReporter } from './upload_progress.ts';
import type { FileToUpload, UploadSessionRequest } from './upload_request.ts';

export interface UploadedFile extends UploadReceipt {
  readonly fileName: string;
}

export interface UploadSessionOutcome extends Completion {
  readonly uploadId: string;
  readonly files: readonly UploadedFile[];
  readonly bytes: number;
  readonly seconds: number;
}

interface OpenFile extends FileToUpload {
  readonly source: UploadSource;
}

/**
 * Sends files into a project as one upload session: scope, open, reserve, sign, PUT,
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
  const files = await openAll(request.files, act.signal);
  try {
    const bytes = files.reduce((total, { source }) => total + source.size, 0);
    act.signal.throwIfAborted();
    const entry = await context.sessions.begin({
      projectId: request.projectId,
      files: files.map(({ fileName, source }) => ({ name: fileName, bytes: source.size })),
      bytes,
    });
    const uploadId = await reserve(request, bytes, entry, context);
    const session = { uploadId, totalBytes: bytes, files };
    const progress = reportUploadProgress(session, act, context);
    try {
      act.signal.throwIfAborted();
      const sent = await sendAll(uploadId, files, request, progress, act, context);
      await progress.finish();
      await entry.note({ step: 'complete' });
      await assertOurs(entry, act);
      const completion = await completeUpload(request, uploadId, act.signal, context).catch(
        (cause: unknown) => Promise.reject(new FailedAt({ step: 'complete', cause })),
      );
      await entry.remove();
      const seconds = (context.engine.clock.now() - startedAt) / 1000;
      return { uploadId, files: sent, bytes, seconds, ...completion };
    } catch (failure) {
      progress.stop();
      const point = pointOf(failure);
      throw new UploadFailed(uploadId, point, await endSession(uploadId, point, entry, context));
    }
  } finally {
    await closeAll(files);
  }
}

/** Whoever was told that this upload is lost may have sent the files again: they must not arrive twice. */
async function assertOurs(entry: SessionEntry, { signal, mayFinish }: Act): Promise<void> {
  const ours = (await (mayFinish?.() ?? true)) && (await entry.mayComplete(signal));
  signal.throwIfAborted();
  if (!ours) throw new SessionTakenOver();
}

async function openAll(files: readonly FileToUpload[], signal: AbortSignal): Promise<OpenFile[]> {
  const open: OpenFile[] = [];
  try {
    for (const file of files) open.push({ ...file, source: await file.open(signal) });
    return open;
  } catch (failure) {
    await closeAll(open);
    throw failure;
  }
}

async function closeAll(files: readonly OpenFile[]): Promise<void> {
  await Promise.all(files.map(({ source }) => source.close()));
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
    let step: UploadStep = 'sign';
    const upload: UploadRequest = {
      source: file.source,
      async sign(_reason, signing) {
        step = 'sign';
        const { upload_url: url } = await geopera.call(
          uploads.signedUrl,
          { upload_id: uploadId, file_name: file.fileName, content_type: file.contentType },
          signing,
        );
        step = 'transfer';
        return { kind: 'put', url, headers: { 'content-type': file.contentType } };
      },
      signal,
      onProgress: (bytes) => progress.fileAt(index, bytes),
      sha256: request.sha256 ?? false,
    };
    try {
      return { ...(await uploadFile(upload, engine)), fileName: file.fileName };
    } catch (cause) {
      throw new FailedAt({ step, cause, fileName: file.fileName });
    }
  });
}

/** Carries the point of failure from where an error is thrown to where the session is failed. */
class FailedAt extends Error {
  readonly point: FailurePoint;

  constructor(point: FailurePoint) {
    super(point.step, { cause: point.cause });
    this.point = point;
  }
}

function pointOf(failure: unknown): FailurePoint {
  return failure instanceof FailedAt ? failure.point : { step: 'transfer', cause: failure };
}
