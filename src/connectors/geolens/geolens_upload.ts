import type { Act } from '../../transfer/act.ts';
import type { TransferEngine } from '../../transfer/engine.ts';
import type { UploadSource } from '../../transfer/sources/upload_source.ts';
import { connectedUpload } from '../connected_upload.ts';
import type { Connector, ConnectorTraits } from '../connector.ts';
import { callEndpoint } from '../endpoint.ts';
import { filesInWords } from '../files_in_words.ts';
import { createServiceClient } from '../http/service_client.ts';
import { ServiceError } from '../http/service_error.ts';
import { ServiceUploadFailed } from '../service_upload_failed.ts';
import { abandonImport } from './abandon_import.ts';
import { awaitDataset, type SeenImport } from './await_dataset.ts';
import type { CommitTerms } from './commit_fields.ts';
import { commitFile } from './commit_file.ts';
import { completeUpload } from './complete_upload.ts';
import type { FilePreview } from './geolens_answers.ts';
import { geolens } from './geolens_endpoints.ts';
import { ImportFailed } from './geolens_errors.ts';
import type { GeolensService } from './geolens_service.ts';
import type { ImportSession, ImportWorld, SentFile } from './import_session.ts';
import { judgeFile } from './judge_file.ts';
import { openImport } from './open_import.ts';
import { previewFile } from './preview_file.ts';
import { sendForm } from './send_form.ts';
import { PART_BASE, requireUrls, sendPresigned } from './send_presigned.ts';

/** One file that is to become a dataset. */
export interface GeolensUploadRequest {
  /** A base name; its extension says what is in the file. */
  readonly fileName: string;
  readonly contentType: string;
  /** What the dataset is made with. */
  readonly terms: CommitTerms;
  /** Whether to wait until the dataset is there. */
  readonly wait: boolean;
  open(signal: AbortSignal): Promise<UploadSource>;
}

export interface GeolensUploadOutcome {
  readonly jobId: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly sent: SentFile;
  readonly preview: FilePreview | undefined;
  /** Absent where nobody was to wait. */
  readonly seen?: SeenImport;
}

type Outcome = Omit<GeolensUploadOutcome, 'seconds'>;

/**
 * All URLs are signed at the start, and none can be had again; nothing but parts can be removed; a commit
 * that is repeated is another commit.
 */
export const GEOLENS_TRAITS: ConnectorTraits = {
  canResign: false,
  partBase: PART_BASE,
  partsSelfContained: false,
  finishIdempotent: geolens.commit.repeatable,
  abandons: 'finish_without_parts',
  contentType: 'as_signed_none_on_parts',
};

/**
 * Makes a dataset of one file: the limits of the instance, the bytes, what it sees in them, the commit,
 * the wait. What is refused before anything was opened is thrown as it is.
 *
 * @throws FileNotTaken, ServiceError, TransferError at first; ServiceUploadFailed once it was opened;
 * ImportFailed
 */
export async function geolensUpload(
  request: GeolensUploadRequest,
  act: Act,
  service: GeolensService,
  engine: TransferEngine,
): Promise<GeolensUploadOutcome> {
  const { fileName, contentType } = request;
  const startedAt = engine.clock.now();
  const source = await request.open(act.signal);
  try {
    act.signal.throwIfAborted();
    const client = createServiceClient(service.access, engine);
    const world = { fileName, contentType, source, client, engine };
    const done = await connectedUpload(geolensConnector(request, world, service), act);
    return { ...done, seconds: (engine.clock.now() - startedAt) / 1000 };
  } finally {
    await source.close();
  }
}

type GeolensConnector = Connector<ImportSession, UploadSource, SentFile, Outcome>;

function geolensConnector(
  { terms, wait }: GeolensUploadRequest,
  world: ImportWorld,
  { journal }: GeolensService,
): GeolensConnector {
  const { fileName, source, client, engine } = world;
  const what = filesInWords([fileName]);
  return {
    traits: GEOLENS_TRAITS,
    totalBytes: source.size,
    what,
    unitsAtOnce: 1,
    async start(signal) {
      const config = await callEndpoint(geolens.uploadConfig, {}, client, signal);
      judgeFile({ fileName, bytes: source.size }, config);
      return openImport(config, world, journal, signal);
    },
    plan({ presigned }) {
      if (presigned !== undefined) requireUrls(presigned, source.size);
      return [source];
    },
    async send(session, _source, { signal, onSent }) {
      const sending = {
        signal,
        onSent(bytes: number) {
          session.mostSent = Math.max(session.mostSent, bytes);
          onSent(bytes);
        },
      };
      const { presigned } = session;
      if (presigned !== undefined) return sendPresigned({ ...sending, session, presigned }, world);
      const sent = await sendForm(sending, world);
      session.jobId = sent.jobId;
      session.stage = 'uploaded';
      return sent;
    },
    async inspect(session, sent, signal) {
      const file = theOne(sent);
      if (session.stage === 'sending') {
        session.stage = 'completing';
        await completeUpload(file, client, engine, signal);
        session.stage = 'uploaded';
      }
      session.preview = await previewFile(file.jobId, terms.layer_name, client, signal);
    },
    async finish(session, sent, signal) {
      const file = theOne(sent);
      await session.entry?.finishing();
      signal.throwIfAborted();
      session.stage = 'committing';
      await commitFile(file.jobId, terms, client, engine.clock, signal);
      await session.entry?.remove();
      const { preview } = session;
      return { jobId: file.jobId, bytes: source.size, sent: file, preview };
    },
    ...(wait && { await: (_session, outcome, act) => awaited(outcome, act, { what, world }) }),
    abandon: (session, failure) => abandonImport(session, failure, world),
  };
}

function theOne(sent: readonly SentFile[]): SentFile {
  const [file] = sent;
  if (file !== undefined) return file;
  const { id: call } = geolens.completePresigned;
  const detail = 'nothing was sent';
  throw new ServiceError({ service: 'geolens', call, kind: 'unexpected_answer', detail });
}

async function awaited(
  outcome: Outcome,
  { signal, onProgress }: Act,
  { what, world }: { readonly what: string; readonly world: ImportWorld },
): Promise<Outcome> {
  const { jobId, bytes } = outcome;
  const { client, engine, fileName: target } = world;
  try {
    const seen = await awaitDataset(jobId, client, engine.clock, {
      signal,
      onLook: () =>
        onProgress({ done: bytes, total: bytes, message: `GeoLens makes a dataset of ${what}` }),
    });
    return { ...outcome, seen };
  } catch (cause) {
    if (cause instanceof ImportFailed) throw cause;
    // Whoever cancels now is too late: the import goes on, and another upload would be a second dataset.
    const left = { kind: 'goes_on' } as const;
    const facts = { service: 'geolens', idOf: 'job', step: 'finish' } as const;
    throw new ServiceUploadFailed({ ...facts, id: jobId, left, target, cause });
  }
}
