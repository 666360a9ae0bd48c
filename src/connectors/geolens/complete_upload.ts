import type { TransferEngine } from '../../transfer/engine.ts';
import { callEndpoint } from '../endpoint.ts';
import type { ServiceClient } from '../http/service_client.ts';
import { isFateUnknown, ServiceError } from '../http/service_error.ts';
import { waitBeforeNextTry } from '../http/service_retries.ts';
import { COMPLETE_TRIES, geolens } from './geolens_endpoints.ts';
import type { SentFile } from './import_session.ts';

/** What a completion was answered with. */
export type Completed = Readonly<Record<string, unknown>>;

/**
 * Tells the service that all bytes are in storage, three times at most. That it was told before is its
 * answer to a try after one whose answer was lost: then it is done.
 *
 * @throws ServiceError; or the signal's reason
 */
export async function completeUpload(
  { jobId: job_id, parts }: Pick<SentFile, 'jobId' | 'parts'>,
  client: ServiceClient,
  { clock, random }: Pick<TransferEngine, 'clock' | 'random'>,
  signal: AbortSignal,
): Promise<Completed> {
  const once = { ...geolens.completePresigned, tries: 1 };
  let perhapsDone = false;
  for (let tries = 1; ; tries += 1) {
    try {
      return await callEndpoint(once, { job_id, parts: [...parts] }, client, signal);
    } catch (failure) {
      signal.throwIfAborted();
      if (perhapsDone && endSaid(failure) === 'completed') return { job_id, status: 'pending' };
      perhapsDone ||= isFateUnknown(failure);
      const terms = { repeatable: true, tries: COMPLETE_TRIES };
      const ms = waitBeforeNextTry(failure, terms, tries, random);
      if (ms === undefined) throw failure;
      await clock.wait(ms, signal);
    }
  }
}

/** What a job that takes no completion any more says of its end. There is one status for all, and no code. */
export function endSaid(failure: unknown): 'completed' | 'failed' | undefined {
  if (!(failure instanceof ServiceError) || failure.status !== 400) return undefined;
  const { detail } = failure;
  if (!/already/i.test(detail)) return undefined;
  if (/fail/i.test(detail)) return 'failed';
  return /complete/i.test(detail) ? 'completed' : undefined;
}
