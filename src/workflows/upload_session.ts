import { connectedUpload } from '../connectors/connected_upload.ts';
import type { Connector, ConnectorTraits, SendingUnit } from '../connectors/connector.ts';
import { filesInWords } from '../connectors/files_in_words.ts';
import { SessionTakenOver } from '../connectors/session_taken_over.ts';
import { uploads } from '../operations/uploads.ts';
import type { Act } from '../transfer/act.ts';
import type { UploadSource } from '../transfer/sources/upload_source.ts';
import { type UploadReceipt, type UploadRequest, uploadFile } from '../transfer/upload.ts';
import { type Completion, completeUpload } from './completion.ts';
import type { WorkflowContext } from './context.ts';
import { endSession, reserve } from './reservation.ts';
import type { SessionEntry } from './session_journal.ts';
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
    act.signal.throwIfAborted();
    const done = await connectedUpload(geoperaSession(request, files, act, context), act);
    return { ...done, seconds: (context.engine.clock.now() - startedAt) / 1000 };
  } finally {
    await closeAll(files);
  }
}

/** One PUT a file, each signed for as often as it is wanted; what fails gives its reservation back. */
export const GEOPERA_TRAITS: ConnectorTraits = {
  canResign: true,
  partsSelfContained: true,
  finishIdempotent: true,
  abandons: 'release',
  contentType: 'as_signed',
};

/** A session that is open at the API. */
interface OpenSession {
  readonly uploadId: string;
  readonly entry: SessionEntry;
  readonly progress: UploadProgressReporter;
}

type GeoperaSession = Connector<
  OpenSession,
  OpenFile,
  UploadedFile,
  Omit<UploadSessionOutcome, 'seconds'>
>;

function geoperaSession(
  request: UploadSessionRequest,
  files: readonly OpenFile[],
  act: Act,
  context: WorkflowContext,
): GeoperaSession {
  const bytes = files.reduce((total, { source }) => total + source.size, 0);
  return {
    traits: GEOPERA_TRAITS,
    totalBytes: bytes,
    what: filesInWords(files.map(({ fileName }) => fileName)),
    unitsAtOnce: context.parallelFiles,
    async start() {
      const entry = await context.sessions.begin({
        projectId: request.projectId,
        files: files.map(({ fileName, source }) => ({ name: fileName, bytes: source.size })),
        bytes,
      });
      const uploadId = await reserve(request, bytes, entry, context);
      const progress = reportUploadProgress(uploadId, act.signal, context);
      return { uploadId, entry, progress };
    },
    plan: () => files,
    send: ({ uploadId }, file, sending) => sendFile(uploadId, file, request, sending, context),
    report: ({ progress }, done) => progress.at(done),
    async inspect({ entry, progress }) {
      await progress.finish();
      await entry.note({ step: 'complete' });
    },
    async finish({ uploadId, entry }, sent, signal) {
      await assertOurs(entry, signal);
      const completion = await completeUpload(request, uploadId, signal, context).catch(
        (cause: unknown) => Promise.reject(new FailedAt({ step: 'complete', cause })),
      );
      await entry.remove();
      return { uploadId, files: sent, bytes, ...completion };
    },
    async abandon({ uploadId, entry, progress }, { cause }) {
      progress.stop();
      const point = pointOf(cause);
      return new UploadFailed(uploadId, point, await endSession(uploadId, point, entry, context));
    },
  };
}

/** As for the act: a process that was taken for gone has lost its sessions to others. */
async function assertOurs(entry: SessionEntry, signal: AbortSignal): Promise<void> {
  const ours = await entry.mayComplete(signal);
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

async function sendFile(
  uploadId: string,
  file: OpenFile,
  { sha256 = false }: UploadSessionRequest,
  { signal, onSent }: SendingUnit,
  { geopera, engine }: WorkflowContext,
): Promise<UploadedFile> {
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
    onProgress: onSent,
    sha256,
  };
  try {
    return { ...(await uploadFile(upload, engine)), fileName: file.fileName };
  } catch (cause) {
    throw new FailedAt({ step, cause, fileName: file.fileName });
  }
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
