import { randomBytes } from 'node:crypto';
import type { Cancelled } from '../transfer/cancelled.ts';
import type { Clock } from '../transfer/engine.ts';
import { type JobRequest, TransferJob } from './transfer_job.ts';

/** How long, and at most how many, outcomes are kept for whoever asks. */
const KEEP_MS = 60 * 60 * 1000;
const KEEP_MOST = 200;

/** The transfers of this process, each visible to its owner alone. */
export interface TransferJobs<Result> {
  /** Starts a job; or answers the one that is already at the same thing. */
  start(request: JobRequest<Result>): TransferJob<Result>;
  /** The newest job that is at the same thing, or that ended so that nobody has heard of it. */
  same(owner: string, key: string): TransferJob<Result> | undefined;
  find(owner: string, id: string): TransferJob<Result> | undefined;
  /** Newest first. */
  list(owner: string): readonly TransferJob<Result>[];
  /** Stops every job; resolves once each has cleaned up after itself. */
  cancelAll(reason: () => Cancelled): Promise<void>;
}

/** Jobs kept in memory: they end with the process, and so may what is kept of them. */
export function createTransferJobs<Result>(clock: Clock): TransferJobs<Result> {
  /** Oldest first. */
  const jobs = new Map<string, TransferJob<Result>>();

  function forgetOld(): void {
    const ended = [...jobs.values()].filter(({ outcome }) => outcome !== undefined);
    const surplus = ended.length - KEEP_MOST;
    const past = clock.now() - KEEP_MS;
    for (const [index, job] of ended.entries()) {
      if (index < surplus || (job.report().endedAt ?? past) < past) jobs.delete(job.id);
    }
  }

  function list(owner: string): TransferJob<Result>[] {
    forgetOld();
    return [...jobs.values()].filter((job) => job.owner === owner).reverse();
  }

  return {
    start(request) {
      const { owner, key } = request;
      const running = list(owner).find((job) => job.key === key && job.goesOn);
      if (running !== undefined) return running;
      const job = new TransferJob(unguessableId(), request, clock);
      jobs.set(job.id, job);
      return job;
    },
    same(owner, key) {
      const newest = list(owner).find((job) => job.key === key);
      return newest !== undefined && (newest.goesOn || isUnheard(newest)) ? newest : undefined;
    },
    find: (owner, id) => list(owner).find((job) => job.id === id),
    list,
    async cancelAll(reason) {
      await Promise.all([...jobs.values()].map((job) => job.cancel(reason())));
    },
  };
}

function isUnheard({ outcome, heard }: TransferJob<unknown>): boolean {
  return outcome !== undefined && !heard;
}

function unguessableId(): string {
  return `t_${randomBytes(9).toString('base64url')}`;
}
