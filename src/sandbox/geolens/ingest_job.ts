import { randomUUID } from 'node:crypto';

/** The bytes of a job once they are the service's own. */
export interface JobFile {
  /** On the emulator's disk. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** The object that nobody has a URL for; absent where the bytes came by a form. */
  readonly frozenKey: string | undefined;
  readonly takenAt: Date;
}

/** An upload that goes past the API, into the storage. */
export interface PresignedTarget {
  readonly key: string;
  /** Of an upload in parts. */
  readonly uploadId: string | undefined;
  readonly declaredSize: number;
}

/** What was asked for at commit. */
export type CommitMetadata = Readonly<Record<string, unknown>> & { readonly title: string };

/** One import, from the wish to upload to the dataset. */
export interface IngestJob {
  readonly id: string;
  readonly owner: string;
  readonly filename: string;
  readonly createdAt: Date;
  /** Whether the file's name makes it a raster. */
  readonly raster: boolean;
  readonly target: PresignedTarget | undefined;
  /** `pending` both before the commit and, queued, after it. */
  status: 'pending' | 'running' | 'complete' | 'failed';
  file: JobFile | undefined;
  /** Known once a preview has looked into a file of several layers. */
  layers: readonly string[] | undefined;
  metadata: CommitMetadata | undefined;
  /** Those that were answered 202. */
  commits: number;
  /** Tasks that were queued, by commits and retries; the worker carries out one at a time. */
  tasksQueued: number;
  /** Looks since the job was queued. */
  looks: number;
  step: string | null;
  progress: number | null;
  /** With what the worker will fail in the end. */
  doomedBy: string | undefined;
  errorMessage: string | null;
  datasetId: string | null;
  startedAt: Date | null;
  endedAt: Date | null;
}

interface NewJob {
  readonly id?: string;
  readonly owner: string;
  readonly filename: string;
  readonly at: Date;
  readonly target?: PresignedTarget;
}

export function newJob({ id = randomUUID(), owner, filename, at, target }: NewJob): IngestJob {
  return {
    id,
    owner,
    filename,
    createdAt: at,
    raster: /\.tiff?$/i.test(filename),
    target,
    status: 'pending',
    file: undefined,
    layers: undefined,
    metadata: undefined,
    commits: 0,
    tasksQueued: 0,
    looks: 0,
    step: null,
    progress: null,
    doomedBy: undefined,
    errorMessage: null,
    datasetId: null,
    startedAt: null,
    endedAt: null,
  };
}

export type JobPhase = 'uploading' | 'uploaded' | 'queued' | 'running' | 'ended';

/** What the status alone does not tell. */
export function phaseOf({ status, metadata, file }: IngestJob): JobPhase {
  if (status === 'running') return 'running';
  if (status !== 'pending') return 'ended';
  if (metadata !== undefined) return 'queued';
  return file === undefined ? 'uploading' : 'uploaded';
}

export function failJob(job: IngestJob, message: string, at: Date): void {
  job.status = 'failed';
  job.errorMessage = message;
  job.endedAt = at;
}
