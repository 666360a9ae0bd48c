import type { JobStatus } from './geolens_answers.ts';
import { ImportFailed } from './geolens_errors.ts';

/** Between two looks at a job, as the service's own page has it. */
export const LOOK_EVERY_MS = 2_000;

/** What the status of a job says once it was committed. */
export type ImportState = 'waiting' | 'at_work' | 'done' | 'failed';

const STATES: Readonly<Record<string, ImportState>> = {
  // Also of a job that waits for its commit.
  pending: 'waiting',
  running: 'at_work',
  complete: 'done',
  fanned_out: 'done',
  failed: 'failed',
  cancelled: 'failed',
};

/** A status of a newer version is one that the job has not ended with. */
export function stateOf({ status }: Pick<JobStatus, 'status'>): ImportState {
  return STATES[status] ?? 'at_work';
}

export function importFailed(jobId: string, job: JobStatus): ImportFailed {
  return new ImportFailed({
    jobId,
    status: job.status,
    detail: job.error_message ?? undefined,
    canRetry: job.can_retry ?? false,
  });
}
