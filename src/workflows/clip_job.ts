import { z } from 'zod';
import { unexpectedAnswer } from '../geopera/answers.ts';
import { plainText } from '../geopera/plain_text.ts';
import { clip } from '../operations/clip.ts';
import type { Act } from '../transfer/act.ts';
import type { WorkflowContext } from './context.ts';
import { type ListedRecord, recordsIn, stringField } from './listings.ts';

const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 10_000;

/** `completed`, `pending` and `running` are documented; the other words for an end are a guess. */
const GOOD_ENDS = new Set(['completed', 'complete', 'succeeded', 'success', 'done']);
const BAD_ENDS = new Set(['failed', 'error', 'cancelled', 'canceled', 'expired', 'rejected']);

const jobAnswer = z.object({ job: z.object({}).passthrough().optional() }).passthrough();

/** A clip job that ended without files. */
export class ClipJobFailed extends Error {
  readonly jobId: string;
  readonly status: string;

  constructor(jobId: string, status: string, reason: string | undefined) {
    super(reason === undefined ? 'the API gives no reason' : plainText(reason));
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
    const job = jobIn(await geopera.call(clip.jobGet, { job_id: jobId }, act.signal));
    const status = stringField(job, 'status', 'state')?.toLowerCase();
    if (status === undefined) throw unexpectedAnswer(clip.jobGet.id, 'the job has no status');
    if (GOOD_ENDS.has(status)) return;
    if (BAD_ENDS.has(status)) {
      throw new ClipJobFailed(jobId, status, stringField(job, 'error', 'error_message', 'detail'));
    }
    act.onProgress({ done: 0, message: `Clip job is ${plainText(status, 40)}` });
    await engine.clock.wait(wait, act.signal);
  }
}

/** A job record, bare or under `job`: no document fixes which. */
function jobIn(answer: unknown): ListedRecord {
  const parsed = jobAnswer.safeParse(answer);
  if (!parsed.success) throw unexpectedAnswer(clip.jobGet.id, 'the answer holds no job');
  return parsed.data.job ?? parsed.data;
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
