import type { Outcome, Transfer } from '../jobs/transfer_job.ts';
import { linkedAbort } from '../transfer/cancellable.ts';
import { HEARTBEAT_MS, type ProgressNotifier, progressNotifier } from './progress_notifier.ts';
import type { ToolAnswer, ToolCall } from './tool.ts';
import { UnknownTransfer } from './unknown_transfer.ts';

/** A transfer of this client. Throws `UnknownTransfer`. */
export async function findTransfer(id: string, call: ToolCall): Promise<Transfer<ToolAnswer>> {
  const job = await call.jobs.find(call.owner, id);
  if (job === undefined) throw new UnknownTransfer(id);
  return job;
}

/**
 * Waits for a transfer and tells the client of its progress meanwhile. Answers `undefined` if it goes
 * on after `seconds`; rejects with the reason of the call's signal, and the transfer goes on.
 */
export async function followTransfer(
  job: Transfer<ToolAnswer>,
  seconds: number,
  call: ToolCall,
): Promise<Outcome<ToolAnswer> | undefined> {
  const { notify } = call;
  if (notify === undefined) return job.wait(seconds * 1000, call.signal);
  const notifier = progressNotifier(notify, call.clock.now);
  const unfollow = job.onProgress(() => notifier.step(() => job.report()));
  const heart = linkedAbort(call.signal);
  const beating = beat(job, notifier, call, heart.signal);
  try {
    const outcome = await job.wait(seconds * 1000, call.signal);
    if (outcome?.state === 'completed') notifier.end(job.report());
    return outcome;
  } finally {
    unfollow();
    heart.abort(undefined);
    heart.release();
    await beating;
  }
}

async function beat(
  job: Transfer<ToolAnswer>,
  notifier: ProgressNotifier,
  { clock }: ToolCall,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    // Rejects only when the call is over, which is how this ends.
    await clock.wait(HEARTBEAT_MS, signal).catch(() => undefined);
    if (!signal.aborted) notifier.beat(job.report());
  }
}
