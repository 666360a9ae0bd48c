import { randomBytes } from 'node:crypto';
import type { Cancelled } from '../transfer/cancelled.ts';
import type { Clock } from '../transfer/engine.ts';
import { KeptTransfers } from './kept_transfers.ts';
import { LocalTransfer } from './local_transfer.ts';
import { TooManyTransfers } from './too_many_transfers.ts';
import type { JobRequest, Transfer } from './transfer_job.ts';
import type { TransferObserver } from './transfer_observer.ts';

/** How many transfers of one owner run at a time. */
export const MOST_RUNNING = 20;

/** Transfers, each visible to its owner alone. */
export interface TransferJobs<Result> {
  /** Starts a job; or answers the one that is already at the same thing. Throws `TooManyTransfers`. */
  start(request: JobRequest<Result>): Promise<Transfer<Result>>;
  /** The newest job that is at the same thing, or that ended so that nobody has heard of it. */
  same(owner: string, key: string): Promise<Transfer<Result> | undefined>;
  find(owner: string, id: string): Promise<Transfer<Result> | undefined>;
  /** Newest first. */
  list(owner: string): Promise<readonly Transfer<Result>[]>;
  /**
   * Stops the jobs that run in this process, those of one owner if one is given; resolves once each has
   * cleaned up after itself.
   */
  cancelAll(reason: () => Cancelled, owner?: string): Promise<void>;
}

/** As `TransferJobs`, of this process alone: what is seen of them is seen at once. */
export interface LocalTransferJobs<Result> extends TransferJobs<Result> {
  /** @param id as from {@link newTransferId} */
  begin(id: string, request: JobRequest<Result>): LocalTransfer<Result>;
  here(owner: string, id: string): LocalTransfer<Result> | undefined;
  /** Of all owners, each one's oldest first. */
  all(): readonly LocalTransfer<Result>[];
}

export interface TransferJobsOptions {
  readonly observer?: TransferObserver;
  /** Of one owner at a time. */
  readonly mostRunning?: number;
}

/** Jobs kept in memory: they end with the process, and so may what is kept of them. */
export function createTransferJobs<Result>(
  clock: Clock,
  { observer = {}, mostRunning = MOST_RUNNING }: TransferJobsOptions = {},
): LocalTransferJobs<Result> {
  const kept = new KeptTransfers<Result>(clock);

  function begin(id: string, request: JobRequest<Result>): LocalTransfer<Result> {
    const transfer = new LocalTransfer(id, request, clock, observer);
    kept.add(transfer);
    return transfer;
  }

  function here(owner: string, id: string): LocalTransfer<Result> | undefined {
    return kept.of(owner).find((transfer) => transfer.id === id);
  }

  return {
    begin,
    here,
    all: () => kept.all(),
    async start(request) {
      const { owner, key } = request;
      const theirs = kept.of(owner);
      const same = theirs.find((transfer) => transfer.key === key && transfer.goesOn);
      if (same !== undefined) return same;
      const running = theirs.filter(({ outcome }) => outcome === undefined);
      if (running.length >= mostRunning) throw new TooManyTransfers(mostRunning);
      return begin(newTransferId(), request);
    },
    async same(owner, key) {
      const newest = kept.of(owner).find((transfer) => transfer.key === key);
      return newest !== undefined && isOfUse(newest) ? newest : undefined;
    },
    find: async (owner, id) => here(owner, id),
    list: async (owner) => kept.of(owner),
    async cancelAll(reason, owner) {
      const those = owner === undefined ? kept.all() : kept.of(owner);
      await Promise.all(those.map((transfer) => transfer.cancel(reason())));
    },
  };
}

/** Whether a call for the same thing is to be given this one: it runs, or nobody has heard of its end. */
export function isOfUse({ outcome, heard, goesOn }: Transfer<unknown>): boolean {
  return goesOn || (outcome !== undefined && !heard);
}

export function newTransferId(): string {
  return `t_${randomBytes(9).toString('base64url')}`;
}
