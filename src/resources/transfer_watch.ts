import type { JobReport, Transfer } from '../jobs/transfer_job.ts';
import type { Asked, ToolAnswer } from '../tools/tool.ts';

/** At most so often is a change told. */
const LOOK_EVERY_MS = 2_000;

/**
 * Calls back when a transfer came on, and once more when it has ended, until the answered function is
 * called. It looks from time to time instead of waiting for the end: whoever waits for a transfer
 * keeps it from being cancelled with the call that began it.
 */
export function watchTransfer(
  transfer: Transfer<ToolAnswer>,
  changed: () => void,
  { jobs, owner, context }: Pick<Asked, 'jobs' | 'owner' | 'context'>,
): () => void {
  const stop = new AbortController();
  const { clock } = context.engine;
  async function look(): Promise<void> {
    let told = mark(transfer.report());
    for (;;) {
      await clock.wait(LOOK_EVERY_MS, stop.signal);
      // Asked for anew: it may run in another process, and what is kept of it may be gone.
      const now = await jobs.find(owner, transfer.id);
      stop.signal.throwIfAborted();
      if (now === undefined) return;
      const seen = mark(now.report());
      if (seen !== told) changed();
      told = seen;
      if (now.outcome !== undefined) return;
    }
  }
  look().catch(() => undefined);
  return () => stop.abort();
}

function mark({ state, bytesDone, message }: JobReport): string {
  return JSON.stringify([state, bytesDone, message]);
}
