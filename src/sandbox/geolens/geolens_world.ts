import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaultQueue } from '../fault_queue.ts';
import { notFound, ProblemError } from '../problems.ts';
import type { S3Client } from '../s3/s3_client.ts';
import type { GeolensFaultAction } from './geolens_faults.ts';
import type { GeolensSettings } from './geolens_settings.ts';
import { failJob, type IngestJob, phaseOf } from './ingest_job.ts';

/** A finished import. */
export interface Dataset {
  readonly id: string;
  readonly title: string;
  readonly visibility: unknown;
  readonly raster: boolean;
  readonly size: number;
  readonly sha256: string;
  readonly path: string;
}

/** What all endpoints of the emulator work with. */
export interface GeolensWorld {
  readonly settings: GeolensSettings;
  readonly faults: FaultQueue<GeolensFaultAction>;
  /** Where files of jobs and datasets lie. */
  readonly folder: string;
  readonly s3: S3Client;
  readonly jobs: Map<string, IngestJob>;
  readonly datasets: Dataset[];
  /** How often each endpoint was called, faults included. */
  readonly calls: Map<string, number>;
}

/** An uploaded file that nobody commits is kept this long. */
const UNCOMMITTED_MS = 24 * 3600 * 1000;

/**
 * The caller's own job, after what time has done to it.
 *
 * @throws ProblemError 404 for an unknown job, 403 for somebody else's
 */
export async function jobOf(world: GeolensWorld, id: string, caller: string): Promise<IngestJob> {
  const job = world.jobs.get(id.toLowerCase());
  if (!job) throw notFound('Job');
  if (job.owner !== caller) throw new ProblemError(403, 'This job belongs to somebody else');
  if (hasRunOut(world, job)) await letRunOut(world, job);
  return job;
}

function hasRunOut({ settings }: GeolensWorld, job: IngestJob): boolean {
  const now = settings.now().getTime();
  switch (phaseOf(job)) {
    case 'uploading':
      return now > job.createdAt.getTime() + settings.jobSeconds * 1000;
    case 'uploaded':
      return job.file !== undefined && now > job.file.takenAt.getTime() + UNCOMMITTED_MS;
    default:
      return false;
  }
}

/** Objects are swept; parts of an upload that nobody ended are not. */
async function letRunOut(world: GeolensWorld, job: IngestJob): Promise<void> {
  failJob(job, 'The job ran out of time before it was committed.', world.settings.now());
  await dropFile(world, job);
  if (job.target) await world.s3.remove(job.target.key);
}

/** Forgets the bytes of a job. */
export async function dropFile({ s3 }: GeolensWorld, job: IngestJob): Promise<void> {
  const { file } = job;
  job.file = undefined;
  if (!file) return;
  await rm(file.path, { force: true });
  if (file.frozenKey !== undefined) await s3.remove(file.frozenKey);
}

export function newFilePath({ folder }: GeolensWorld): string {
  return join(folder, randomUUID());
}
