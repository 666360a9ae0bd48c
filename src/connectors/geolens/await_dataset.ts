import type { Clock } from '../../transfer/clock.ts';
import { callEndpoint } from '../endpoint.ts';
import type { ServiceClient } from '../http/service_client.ts';
import { ServiceError } from '../http/service_error.ts';
import type { JobStatus } from './geolens_answers.ts';
import { geolens } from './geolens_endpoints.ts';
import { importFailed, LOOK_EVERY_MS, stateOf } from './import_job.ts';

/** Fifteen minutes: what takes longer is better looked at now and then. */
const MOST_LOOKS = 450;

/** What was seen of an import, and why there was no further look. */
export interface SeenImport {
  readonly job: JobStatus | undefined;
  /** `unseen`: the service would not tell any more; `detail` says why. */
  readonly end: 'done' | 'deadline' | 'unseen';
  readonly detail?: string;
}

/**
 * Waits until the dataset is there. That it takes long, or that the service cannot be asked, is no failure
 * of an import that was committed.
 *
 * @param onLook hears of each look that was no end
 * @throws ImportFailed; or the signal's reason
 */
export async function awaitDataset(
  jobId: string,
  client: ServiceClient,
  clock: Clock,
  { signal, onLook }: { readonly signal: AbortSignal; onLook(job: JobStatus): void },
): Promise<SeenImport> {
  let job: JobStatus | undefined;
  for (let looks = 1; looks <= MOST_LOOKS; looks += 1) {
    try {
      job = await callEndpoint(geolens.jobStatus, { job_id: jobId }, client, signal);
    } catch (failure) {
      signal.throwIfAborted();
      if (!(failure instanceof ServiceError)) throw failure;
      return { job, end: 'unseen', detail: failure.detail };
    }
    const state = stateOf(job);
    if (state === 'failed') throw importFailed(jobId, job);
    if (state === 'done') return { job, end: 'done' };
    onLook(job);
    if (looks < MOST_LOOKS) await clock.wait(LOOK_EVERY_MS, signal);
  }
  return { job, end: 'deadline' };
}
