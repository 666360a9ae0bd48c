import { z } from 'zod';
import type { Outcome } from '../jobs/transfer_job.ts';
import { Cancelled } from '../transfer/cancelled.ts';
import { hints } from './effect_hints.ts';
import { explain } from './explain.ts';
import { findTransfer, followTransfer } from './follow_transfer.ts';
import { leftBehind } from './left_behind.ts';
import { DEFAULT_TOOLSET } from './selection/tool_selection.ts';
import { defineTool } from './tool.ts';

/** A clean-up that takes longer goes on by itself: the API may be slow to take a release. */
const WAIT_SECONDS = 45;

const cancelAnswer = z.object({
  transfer_id: z.string(),
  status: z
    .enum(['running', 'completed', 'failed', 'cancelled'])
    .describe('running: it still cleans up. completed or failed: it had ended before.'),
  detail: z.string().describe('What became of it.'),
  upload_id: z.string().optional(),
  reservation: z
    .enum(['released', 'over', 'held'])
    .optional()
    .describe('What became of the storage that an upload had reserved.'),
  partial_kept: z
    .boolean()
    .optional()
    .describe('Whether a download left what came, so that the same call goes on from there.'),
});

type CancelFacts = z.output<typeof cancelAnswer>;

export const transferCancel = defineTool({
  name: 'transfer_cancel',
  title: 'Cancel a transfer',
  description:
    'Stop an upload or a download that is under way, and undo it: reserved storage is released, and what a download had saved is removed unless keep_partial is true. A transfer that has ended stays as it is.',
  // What goes is the unfinished work of this server alone, as with uploads.fail: nothing that was
  // there before. A host that asks before destructive calls should not make a user wait to stop.
  toolsets: [DEFAULT_TOOLSET, 'uploads', 'items', 'clip'],
  hints: hints({ idempotent: true }),
  input: () =>
    z
      .object({
        transfer_id: z.string().min(1).max(100).describe('Which transfer.'),
        keep_partial: z
          .boolean()
          .default(false)
          .describe('Keep what a download has saved; the same call goes on from there.'),
      })
      .strict(),
  output: () => cancelAnswer.pick({ transfer_id: true, status: true, detail: true }),
  async run(input, call) {
    const job = await findTransfer(input.transfer_id, call);
    const ended = job.outcome !== undefined;
    const reason = new Cancelled('cancelled with transfer_cancel', {
      keepPartial: input.keep_partial,
    });
    // What keeps it from being stopped shows to whoever follows it, too.
    job.cancel(reason).catch(() => undefined);
    const outcome = await followTransfer(job, WAIT_SECONDS, call);
    if (!ended && outcome !== undefined && outcome.state !== 'completed') job.hear();
    const { id, kind, state } = job.report();
    const facts: CancelFacts = {
      transfer_id: id,
      status: state,
      ...(outcome === undefined
        ? { detail: 'It still cleans up. transfer_status waits for the end of that.' }
        : whatBecame(outcome, kind, ended)),
    };
    return { facts };
  },
});

function whatBecame(
  outcome: Outcome<unknown>,
  kind: 'upload' | 'download',
  ended: boolean,
): Omit<CancelFacts, 'transfer_id' | 'status'> {
  if (ended) return { detail: 'It had ended before. transfer_status tells its outcome.' };
  if (outcome.state === 'completed') {
    return { detail: 'It ended before it could be stopped. transfer_status tells its outcome.' };
  }
  const { error } = outcome;
  const { uploadId, reservation, partialKept } = leftBehind(error);
  return {
    detail: explain(error).what,
    ...(uploadId === undefined ? {} : { upload_id: uploadId, reservation }),
    ...(kind === 'download' ? { partial_kept: partialKept } : {}),
  };
}
