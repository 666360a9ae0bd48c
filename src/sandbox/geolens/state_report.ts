import type { S3Report, S3Store } from '../s3/s3_store.ts';
import type { Dataset, GeolensWorld } from './geolens_world.ts';
import { type IngestJob, type JobPhase, phaseOf } from './ingest_job.ts';

/** What tests may ask of the emulator. */
export interface GeolensState extends S3Report {
  readonly jobs: readonly {
    id: string;
    filename: string;
    status: IngestJob['status'];
    phase: JobPhase;
    presigned: boolean;
    upload_id: string | null;
    /** What the last commit asked for. */
    metadata: Readonly<Record<string, unknown>> | null;
    /** More than one: a commit was repeated, or the job was tried again. */
    tasks_queued: number;
    error_message: string | null;
    dataset_id: string | null;
  }[];
  readonly datasets: readonly Omit<Dataset, 'path'>[];
  /** How often each endpoint was called, faults included. */
  readonly calls: Readonly<Record<string, number>>;
  /** Commits that were answered 202, in all jobs. */
  readonly commits: number;
  /** Requests that brought a credential of the API to the storage. */
  readonly credentials_seen_by_storage: number;
  readonly faults_struck: number;
  /** A job of somebody else's, of which the account may not know. */
  readonly foreign_job_id: string;
}

interface StorageFacts {
  readonly credentialsAtStorage: number;
  /** Undefined where the storage is somebody else's: then nothing is told of it. */
  readonly store: S3Store | undefined;
}

export function reportState(
  world: GeolensWorld,
  foreign: IngestJob,
  { credentialsAtStorage, store }: StorageFacts,
): GeolensState {
  const own = [...world.jobs.values()].filter((job) => job !== foreign);
  return {
    jobs: own.map((job) => ({
      id: job.id,
      filename: job.filename,
      status: job.status,
      phase: phaseOf(job),
      presigned: job.target !== undefined,
      upload_id: job.target?.uploadId ?? null,
      metadata: job.metadata ?? null,
      tasks_queued: job.tasksQueued,
      error_message: job.errorMessage,
      dataset_id: job.datasetId,
    })),
    datasets: world.datasets.map(({ path: _path, ...dataset }) => dataset),
    objects: store?.report().objects ?? [],
    multipart: store?.report().multipart ?? [],
    calls: Object.fromEntries(world.calls),
    commits: own.reduce((sum, { commits }) => sum + commits, 0),
    credentials_seen_by_storage: credentialsAtStorage,
    faults_struck: world.faults.struck,
    foreign_job_id: foreign.id,
  };
}
