import { z } from 'zod';
import { clip } from '../operations/clip.ts';
import type { Act, WorkflowContext } from './context.ts';
import { recordsIn, stringField } from './listings.ts';

const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 10_000;

/** `completed`, `pending` and `running` are documented; the words for a bad end are a guess. */
const BAD_ENDS = new Set(['failed', 'error', 'cancelled', 'canceled', 'expired', 'rejected']);

const jobAnswer = z.object({ job: z.object({}).passthrough().optional() }).passthrough();

/** A clip job that ended without files. */
export class ClipJobFailed extends Error {
  readonly jobId: string;
  readonly status: string;

  constructor(jobId: string, status: string, reason: string | undefined) {
    super(reason ?? 'the API gives no reason');
    this.name = 'ClipJobFailed';
    this.jobId = jobId;
    this.status = status;
  }
}

/** A clip job with several files, of which none (or none that exists) was named. */
export class MosaicNotChosen extends Error {
  readonly jobId: string;
  readonly mosaics: readonly string[];
  readonly asked: string | undefined;

  constructor(jobId: string, mosaics: readonly string[], asked: string | undefined) {
    super(`clip job ${jobId} has ${mosaics.length} files`);
    this.name = 'MosaicNotChosen';
    this.jobId = jobId;
    this.mosaics = mosaics;
    this.asked = asked;
  }
}

/** Waits until the job is completed. Throws `ClipJobFailed` if it ends otherwise. */
export async function waitForClipJob(
  jobId: string,
  act: Act,
  { geopera, engine }: WorkflowContext,
): Promise<void> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(MAX_WAIT_MS, wait * 1.5)) {
    const answer = jobAnswer.parse(await geopera.call(clip.jobGet, { job_id: jobId }, act.signal));
    const job = answer.job ?? answer;
    const status = stringField(job, 'status', 'state')?.toLowerCase() ?? 'unknown';
    if (status === 'completed') return;
    if (BAD_ENDS.has(status)) {
      throw new ClipJobFailed(jobId, status, stringField(job, 'error', 'error_message', 'detail'));
    }
    act.onProgress({ done: 0, message: `Clip job is ${status}` });
    await engine.clock.wait(wait, act.signal);
  }
}

/** The job's file to fetch: the one that is named, or its only one. Throws `MosaicNotChosen`. */
export async function chooseMosaic(
  jobId: string,
  asked: string | undefined,
  signal: AbortSignal,
  { geopera }: WorkflowContext,
): Promise<string> {
  const listing = await geopera.call(clip.jobDownloads, { job_id: jobId }, signal);
  const mosaics = recordsIn(listing, ['downloads', 'files', 'mosaics', 'items', 'results'])
    .map((file) => stringField(file, 'mosaic_type', 'type', 'key', 'name'))
    .filter((name) => name !== undefined);
  // An empty listing may be a shape that no document shows: the name that was given may still do.
  const chosen = asked ?? (mosaics.length === 1 ? mosaics[0] : undefined);
  if (chosen === undefined || (mosaics.length > 0 && !mosaics.includes(chosen))) {
    throw new MosaicNotChosen(jobId, mosaics, asked);
  }
  return chosen;
}
