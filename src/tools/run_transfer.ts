import { stat } from 'node:fs/promises';
import type { JobRequest, Outcome, Transfer } from '../jobs/transfer_job.ts';
import type { Act } from '../transfer/act.ts';
import { Cancelled } from '../transfer/cancelled.ts';
import { EarlierFailure } from './earlier_outcome.ts';
import { explain } from './explain.ts';
import { followTransfer } from './follow_transfer.ts';
import { leftBehind } from './left_behind.ts';
import type { ToolAnswer, ToolCall } from './tool.ts';
import { runningFacts } from './transfer_facts.ts';

/** A transfer as a tool describes it, before it is known whether it is under way already. */
export interface TransferPlan extends Pick<JobRequest<ToolAnswer>, 'kind' | 'what' | 'bytesTotal'> {
  /** What makes two calls the same: the tool, its arguments, the state of the files to send. */
  readonly sameAs: readonly unknown[];
  readonly waitSeconds: number;
  /** Judges all that can be judged at once, and answers the act itself. What it throws is the call's. */
  prepare(): Promise<(act: Act) => Promise<ToolAnswer>>;
}

/** Starts a transfer, or joins the one that is at it already, and answers its outcome or how far it is. */
export async function runTransfer(plan: TransferPlan, call: ToolCall): Promise<ToolAnswer> {
  const earlier = await earlierTransfer(plan, call);
  const job = earlier ?? (await startTransfer(plan, call));
  const known = earlier?.outcome;
  if (known !== undefined) return earlierAnswer(job, known, call);
  const outcome = await followOrCancel(job, plan.waitSeconds, call);
  return outcome === undefined
    ? { facts: runningFacts(job.report()) }
    : heardAnswer(job, outcome, call);
}

/** Whether the same transfer is under way, or has an outcome that nobody has heard: to run it starts nothing. */
export async function isKnownTransfer(
  plan: Pick<TransferPlan, 'sameAs'>,
  call: ToolCall,
): Promise<boolean> {
  return (await earlierTransfer(plan, call)) !== undefined;
}

/** The outcome as it is given to the model, once. Throws what the transfer threw. */
export function heardAnswer(
  job: Transfer<ToolAnswer>,
  outcome: Outcome<ToolAnswer>,
  call: ToolCall,
): ToolAnswer {
  hear(job, call);
  if (outcome.state !== 'completed') throw outcome.error;
  const { result } = outcome;
  return { ...result, facts: { status: outcome.state, transfer_id: job.id, ...result.facts } };
}

/** Who has left reads no answer: what became of the transfer is told to the same call next time. */
function hear(job: Transfer<ToolAnswer>, { signal }: ToolCall): void {
  if (!signal.aborted) job.hear();
}

/** One that runs, or that ended unheard: a host that gave up repeats its call. */
async function earlierTransfer(
  { sameAs }: Pick<TransferPlan, 'sameAs'>,
  { jobs, owner }: ToolCall,
): Promise<Transfer<ToolAnswer> | undefined> {
  const job = await jobs.same(owner, keyOf(sameAs));
  const outcome = job?.outcome;
  // What somebody had stopped is begun again, unless it may have been too late for that.
  if (outcome?.state === 'cancelled') return leftBehind(outcome.error).mayBeDone ? job : undefined;
  if (outcome?.state !== 'completed') return job;
  const { file } = outcome.result;
  if (file === undefined) return job;
  // A file that was moved away since is wanted again.
  const found = await stat(file.path).catch(() => undefined);
  return found?.size === file.bytes ? job : undefined;
}

async function startTransfer(plan: TransferPlan, call: ToolCall): Promise<Transfer<ToolAnswer>> {
  const { kind, what, bytesTotal, sameAs } = plan;
  const run = await plan.prepare();
  call.signal.throwIfAborted();
  return call.jobs.start({
    owner: call.owner,
    key: keyOf(sameAs),
    kind,
    what,
    bytesTotal,
    run,
    resumedBytes: ({ facts }) => Number(facts['resumed_bytes'] ?? 0),
    ended: (job, outcome) => tellUnheard(job, outcome, call),
  });
}

/** Where nobody waits, the logs are the first to hear: the client's own, and of a failure ours too. */
function tellUnheard(
  job: Transfer<ToolAnswer>,
  outcome: Outcome<ToolAnswer>,
  { context, tell }: ToolCall,
): void {
  if (job.heard || outcome.state === 'cancelled') return;
  const { kind, what } = job.report();
  const which = `The ${kind} of ${what} (${job.id})`;
  if (outcome.state === 'completed') {
    tell('info', `${which} is completed. transfer_status tells its outcome.`);
    return;
  }
  const explained = explain(outcome.error);
  tell('warning', `${which} failed. ${explained.what} ${explained.next}`);
  const facts = { transfer: job.id, code: explained.code };
  context.log.warn(facts, 'a transfer failed while nobody waited for it');
}

/**
 * Where the client cancels the call it cancels the transfer, unless another call waits for it too; where
 * it only gave up, it does not.
 */
async function followOrCancel(
  job: Transfer<ToolAnswer>,
  seconds: number,
  call: ToolCall,
): Promise<Outcome<ToolAnswer> | undefined> {
  try {
    return await followTransfer(job, seconds, call);
  } catch (failure) {
    if (!(failure instanceof Cancelled)) throw failure;
    const outcome = await job.abandon(failure);
    if (outcome === undefined) throw failure;
    return outcome;
  }
}

function earlierAnswer(
  job: Transfer<ToolAnswer>,
  outcome: Outcome<ToolAnswer>,
  call: ToolCall,
): ToolAnswer {
  const { clock } = call;
  const endedAt = job.report().endedAt ?? clock.now();
  if (outcome.state !== 'completed') {
    hear(job, call);
    throw new EarlierFailure(outcome.error, (clock.now() - endedAt) / 1000);
  }
  const answer = heardAnswer(job, outcome, call);
  const earlier_call = `The same call, made before, ended at ${new Date(endedAt).toISOString()} while nobody waited. Nothing was moved again.`;
  return { ...answer, facts: { ...answer.facts, earlier_call } };
}

function keyOf(sameAs: readonly unknown[]): string {
  return JSON.stringify(sameAs);
}
