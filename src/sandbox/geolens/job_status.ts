import { randomUUID } from 'node:crypto';
import { type Answer, jsonAnswer } from '../delivery.ts';
import { ProblemError } from '../problems.ts';
import type { Act } from './exchange.ts';
import { type GeolensWorld, jobOf } from './geolens_world.ts';
import { failJob, type IngestJob, type JobFile, phaseOf } from './ingest_job.ts';

const VECTOR_STEPS = ['validating', 'ogr2ogr', 'finalize'];
const RASTER_STEPS = ['validating', 'cog_convert', 'quicklook'];

/** Tells how far a job is. The worker gets on by one step for each look, so that nobody waits. */
export const readJob: Act = async (world, { jobId, caller, fault }) => {
  const job = await jobOf(world, jobId, caller);
  if (fault && 'job_fails' in fault) failJob(job, fault.job_fails, world.settings.now());
  else await getOn(world, job);
  return jobAnswer(job);
};

/** Queues a failed import again, if its bytes are still there. */
export const retryJob: Act = async (world, { jobId, caller }) => {
  const job = await jobOf(world, jobId, caller);
  if (!canRetry(job)) throw new ProblemError(400, 'This job cannot be tried again');
  const again = { status: 'pending', looks: 0, step: null, progress: null } as const;
  Object.assign(job, { ...again, doomedBy: undefined, errorMessage: null, endedAt: null });
  job.tasksQueued += 1;
  return jsonAnswer(202, { job_id: job.id, status: 'pending', message: 'The import is queued' });
};

async function getOn(world: GeolensWorld, job: IngestJob): Promise<void> {
  const phase = phaseOf(job);
  if (phase !== 'queued' && phase !== 'running') return;
  const { jobSteps, now } = world.settings;
  job.looks += 1;
  if (job.looks >= jobSteps) {
    await end(world, job);
    return;
  }
  if (job.looks === 1) {
    job.step = 'queued';
    return;
  }
  const steps = job.raster ? RASTER_STEPS : VECTOR_STEPS;
  job.status = 'running';
  job.startedAt ??= now();
  job.progress = (job.looks - 1) / (jobSteps - 1);
  job.step = steps[Math.floor(((job.looks - 2) * steps.length) / (jobSteps - 2))] ?? null;
}

async function end(world: GeolensWorld, job: IngestJob): Promise<void> {
  const now = world.settings.now();
  const { file, metadata, doomedBy } = job;
  job.startedAt ??= now;
  if (doomedBy !== undefined || !file || !metadata) {
    failJob(job, doomedBy ?? 'The job has no file', now);
    return;
  }
  job.status = 'complete';
  job.endedAt = now;
  job.step = 'complete';
  job.progress = 1;
  job.datasetId = addDataset(world, job, file, metadata);
  if (file.frozenKey !== undefined) await world.s3.remove(file.frozenKey);
}

function addDataset(
  { datasets }: GeolensWorld,
  { raster }: IngestJob,
  { size, sha256, path }: JobFile,
  { title, ...metadata }: NonNullable<IngestJob['metadata']>,
): string {
  const id = randomUUID();
  datasets.push({ id, title, visibility: metadata['visibility'], raster, size, sha256, path });
  return id;
}

function canRetry({ status, file, metadata }: IngestJob): boolean {
  return status === 'failed' && file !== undefined && metadata !== undefined;
}

function jobAnswer(job: IngestJob): Answer {
  const { status, file } = job;
  return jsonAnswer(200, {
    id: job.id,
    status,
    dataset_id: job.datasetId,
    source_filename: job.filename,
    error_message: job.errorMessage,
    can_retry: canRetry(job),
    retry_reason: status === 'failed' && !file ? 'The source file is gone' : null,
    warning_message: null,
    warnings: [],
    progress: job.progress,
    current_step: job.step,
    rows_processed: null,
    rows_failed: null,
    archive_failed: false,
    temporal_parse_errors: {},
    started_at: job.startedAt,
    completed_at: job.endedAt,
    created_at: job.createdAt,
  });
}
