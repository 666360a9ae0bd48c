import { signedUrlExpiry } from '../../transfer/urls/signed_url_expiry.ts';
import { callEndpoint } from '../endpoint.ts';
import { heardOut } from '../heard_out.ts';
import { ServiceError } from '../http/service_error.ts';
import type { StagedEntry, StagingJournal } from '../staging_journal.ts';
import type { PresignedUpload, UploadConfig } from './geolens_answers.ts';
import { geolens } from './geolens_endpoints.ts';
import { type ImportSession, type ImportWorld, isInParts } from './import_session.ts';

/** Opens a job past the API, where the instance has a storage for that; else the form will open one. */
export async function openImport(
  config: UploadConfig,
  world: ImportWorld,
  journal: StagingJournal,
  signal: AbortSignal,
): Promise<ImportSession> {
  const presigned = config.presigned_uploads ? await askForUrls(world, signal) : undefined;
  return {
    openedAt: world.engine.clock.now(),
    presigned,
    entry: presigned === undefined ? undefined : await noted(presigned, journal),
    jobId: presigned?.job_id,
    stage: 'sending',
    mostSent: 0,
    preview: undefined,
  };
}

/**
 * Undefined where the instance says that it signs none, whatever its config told. It may answer although it
 * was cancelled: what is opened for parts can be aborted only by the id of its job.
 */
async function askForUrls(
  { fileName, contentType, source, client, engine }: ImportWorld,
  signal: AbortSignal,
): Promise<PresignedUpload | undefined> {
  const wish = { filename: fileName, file_size: source.size, content_type: contentType };
  try {
    return await heardOut(signal, engine.clock, (late) =>
      callEndpoint(geolens.requestPresigned, wish, client, late),
    );
  } catch (failure) {
    if (failure instanceof ServiceError && failure.status === 400) return undefined;
    throw failure;
  }
}

/** Only parts can be removed by whoever finds the note; a whole file would be completed instead. */
async function noted(
  presigned: PresignedUpload,
  journal: StagingJournal,
): Promise<StagedEntry | undefined> {
  if (!isInParts(presigned)) return undefined;
  const [url] = presigned.urls;
  const end = url !== undefined && URL.canParse(url) ? signedUrlExpiry(new URL(url)) : undefined;
  return journal.begin({
    service: 'geolens',
    flow: 'geolens_job',
    id: presigned.job_id,
    ...(end !== undefined && { expiresAt: new Date(end).toISOString() }),
  });
}
