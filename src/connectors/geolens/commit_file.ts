import type { Clock } from '../../transfer/clock.ts';
import { callEndpoint } from '../endpoint.ts';
import type { ServiceClient } from '../http/service_client.ts';
import { ServiceError } from '../http/service_error.ts';
import type { CommitTerms } from './commit_fields.ts';
import { geolens } from './geolens_endpoints.ts';
import { importFailed, LOOK_EVERY_MS, stateOf } from './import_job.ts';

/** A job that was queued is begun within a moment, where anybody works at all. */
const LOOKS_FOR_PROOF = 5;

/**
 * Has a dataset made of the file. This is asked once: while the job waits, the service would take a second
 * commit for another. Where the answer is lost, the job itself may show that it was heard.
 *
 * @throws ImportFailed; ServiceError, of unknown fate where the job does not show it; or the signal's reason
 */
export async function commitFile(
  jobId: string,
  terms: CommitTerms,
  client: ServiceClient,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  try {
    await callEndpoint(geolens.commit, { ...terms, job_id: jobId }, client, signal);
  } catch (failure) {
    signal.throwIfAborted();
    if (isProcessedAlready(failure)) return;
    if (!(failure instanceof ServiceError) || !failure.fateUnknown) throw failure;
    if (!(await showsCommit(jobId, client, clock, signal))) throw failure;
  }
}

async function showsCommit(
  jobId: string,
  client: ServiceClient,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  for (let looks = 1; looks <= LOOKS_FOR_PROOF; looks += 1) {
    const job = await callEndpoint(geolens.jobStatus, { job_id: jobId }, client, signal).catch(
      noNews(signal),
    );
    const state = job === undefined ? 'waiting' : stateOf(job);
    if (job !== undefined && state === 'failed') throw importFailed(jobId, job);
    if (state !== 'waiting') return true;
    if (looks < LOOKS_FOR_PROOF) await clock.wait(LOOK_EVERY_MS, signal);
  }
  return false;
}

function noNews(signal: AbortSignal): (failure: unknown) => undefined {
  return (failure) => {
    signal.throwIfAborted();
    if (!(failure instanceof ServiceError)) throw failure;
    return undefined;
  };
}

/** A worker has begun on it, or it has ended: its status tells which. */
function isProcessedAlready(failure: unknown): boolean {
  if (!(failure instanceof ServiceError) || failure.status !== 400) return false;
  return /already/i.test(failure.detail) && /process/i.test(failure.detail);
}
