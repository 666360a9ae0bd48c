import { uploads } from '../operations/uploads.ts';
import type { Act } from '../transfer/act.ts';
import { eachInParallel } from '../transfer/each_in_parallel.ts';
import { signedUrlExpiry } from '../transfer/urls/signed_url_expiry.ts';
import { parseTransferUrl } from '../transfer/urls/transfer_url.ts';
import { type Completion, completeUpload } from './completion.ts';
import type { WorkflowContext } from './context.ts';
import type { LinkName } from './link_records.ts';
import type { LinkedFile, LinkedSession } from './linked_session.ts';
import { endSession, reserve } from './reservation.ts';
import type { SessionEntry } from './session_journal.ts';
import { type FailurePoint, UploadFailed } from './upload_failed.ts';
import type { UploadPlace } from './upload_request.ts';
import { usingSession } from './using_session.ts';

export interface UploadLinkRequest extends UploadPlace {
  readonly owner: string;
  /** At least one; their names differ. */
  readonly files: readonly LinkedFile[];
}

/** A file with the URL that takes it, by one PUT of its bytes with its content type. */
export interface SignedFile extends LinkedFile {
  /** A secret: whoever has it can write the file. */
  readonly url: URL;
}

export interface UploadLink {
  readonly uploadId: string;
  readonly files: readonly SignedFile[];
  /** When the first of the URLs ends, in epoch milliseconds, where they say so. */
  readonly expiresAt: number | undefined;
  /** When the session is failed unless it is finished, where that is known. */
  readonly heldUntil: number | undefined;
}

export interface FinishedUpload extends Completion {
  readonly uploadId: string;
}

/**
 * Opens an upload session for files that somebody else sends: scope, reserve, sign. Failures after the
 * reservation release it and throw `UploadFailed`, others throw as they are. From then on the session
 * is held (`context.links`) until it is finished or its time is over.
 *
 * @throws TooManyLinks
 */
export async function openUploadLink(
  request: UploadLinkRequest,
  signal: AbortSignal,
  context: WorkflowContext,
): Promise<UploadLink> {
  const { owner, projectId, files } = request;
  await context.scopes.require(uploads.initiate.scope, uploads.initiate.id, signal);
  return context.links.opening(owner, async () => {
    signal.throwIfAborted();
    const bytes = files.reduce((total, file) => total + file.bytes, 0);
    const noted = files.map((file) => ({ name: file.fileName, bytes: file.bytes }));
    const entry = await context.sessions.begin({ projectId, files: noted, bytes });
    const uploadId = await reserve(request, bytes, entry, context);
    const session = linkedSession(uploadId, request, entry, context);
    try {
      const signed = await signAll(uploadId, files, signal, context);
      const expiresAt = firstExpiry(signed);
      const { heldUntil } = await context.links.hold(session, expiresAt);
      return { uploadId, files: signed, expiresAt, heldUntil };
    } catch (cause) {
      const point: FailurePoint = { step: 'sign', cause };
      throw new UploadFailed(uploadId, point, await session.end(point));
    }
  });
}

/**
 * Signs fresh links for files of a session that is open. One that this process does not know, or that
 * it knows as another owner's, is left to the API to judge.
 *
 * @throws UploadStillOpen or UploadFailed
 */
export async function signUploadLink(
  name: LinkName,
  files: readonly LinkedFile[],
  signal: AbortSignal,
  context: WorkflowContext,
): Promise<UploadLink> {
  await context.scopes.require(uploads.signedUrl.scope, uploads.signedUrl.id, signal);
  const { uploadId } = name;
  return usingSession({ name, step: 'sign' }, context, async (link) => {
    const signed = await signAll(uploadId, files, signal, context);
    const expiresAt = firstExpiry(signed);
    await link.signed(expiresAt);
    return { uploadId, files: signed, expiresAt, heldUntil: link.heldUntil };
  });
}

/**
 * Completes a session whose files are in storage; as to whose it is, see `signUploadLink`.
 *
 * @throws UploadStillOpen where a later attempt may succeed, as after the files have come; UploadFailed
 * with the reservation released where none will
 */
export async function finishUpload(
  name: LinkName,
  act: Act,
  context: WorkflowContext,
): Promise<FinishedUpload> {
  const { uploadId } = name;
  return usingSession({ name, step: 'complete' }, context, async (link) => {
    act.onProgress({ done: 0, message: 'Completing the upload' });
    await link.session?.entry.note({ step: 'complete' });
    const into = { projectId: link.session?.projectId };
    const completion = await completeUpload(into, uploadId, act.signal, context);
    await link.completed();
    return { uploadId, ...completion };
  });
}

function linkedSession(
  uploadId: string,
  { owner, projectId, files }: UploadLinkRequest,
  entry: SessionEntry,
  context: WorkflowContext,
): LinkedSession {
  return {
    owner,
    uploadId,
    projectId,
    files,
    entry,
    async end(point) {
      const reservation = await endSession(uploadId, point, entry, context);
      // Where it was in no call's hand, nobody else tells of it.
      if (point.step === 'transfer') {
        const facts = { uploadId, projectId, why: String(point.cause), reservation };
        context.log.warn(facts, 'an upload session that waited for its files was given up');
      }
      return reservation;
    },
  };
}

async function signAll(
  uploadId: string,
  files: readonly LinkedFile[],
  signal: AbortSignal,
  { geopera, parallelFiles }: WorkflowContext,
): Promise<readonly SignedFile[]> {
  return eachInParallel(files, parallelFiles, signal, async (file, _, signing) => {
    const { upload_url: url } = await geopera.call(
      uploads.signedUrl,
      { upload_id: uploadId, file_name: file.fileName, content_type: file.contentType },
      signing,
    );
    return { ...file, url: parseTransferUrl(url) };
  });
}

function firstExpiry(files: readonly SignedFile[]): number | undefined {
  const ends = files.map(({ url }) => signedUrlExpiry(url)).filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : Math.min(...ends);
}
