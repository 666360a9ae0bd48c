import type { LocalTransfer } from '../jobs/local_transfer.ts';
import { SharedStateAway } from '../jobs/shared_state_away.ts';
import { TooManyTransfers } from '../jobs/too_many_transfers.ts';
import type { JobRequest, Transfer } from '../jobs/transfer_job.ts';
import {
  createTransferJobs,
  isOfUse,
  MOST_RUNNING,
  newTransferId,
  type TransferJobs,
  type TransferJobsOptions,
} from '../jobs/transfer_jobs.ts';
import { FollowedTransfer } from './followed_transfer.ts';
import { claimFields } from './job_snapshot.ts';
import { JobStore, type SharedJobsWorld } from './job_store.ts';
import { PublishedTransfer } from './published_transfer.ts';

/** The place of who is at one thing may be left, or change hands, while it is looked at. */
const MOST_TRIES = 3;

export interface SharedJobsOptions<Result> extends SharedJobsWorld<Result>, TransferJobsOptions {}

/** Jobs that all replicas see; each runs in the process that started it. */
export interface SharedJobs<Result> extends TransferJobs<Result> {
  /** Notes nothing any more. */
  close(): void;
}

/**
 * Jobs over Redis. While that is away, those of this process are still found and stopped, and go on; all
 * else throws `SharedStateAway`.
 */
export function createSharedJobs<Result>(options: SharedJobsOptions<Result>): SharedJobs<Result> {
  const { clock, replica, mostRunning = MOST_RUNNING } = options;
  const local = createTransferJobs<Result>(clock, options);
  const store = new JobStore(options);
  const closed = new AbortController();
  const published = new WeakMap<LocalTransfer<Result>, PublishedTransfer<Result>>();
  /** Those whose end is not noted yet. */
  const noting = new Set<PublishedTransfer<Result>>();

  function begin(id: string, request: JobRequest<Result>): Transfer<Result> {
    const name = { owner: request.owner, id };
    const transfer = local.begin(id, {
      ...request,
      run({ signal, onProgress }) {
        const mayFinish = () => replica.confirm(async () => !(await store.isLost(name)), signal);
        return request.run({ signal, onProgress, mayFinish });
      },
      async ended(_, outcome) {
        // Whoever waits at another replica hears it there.
        const heard = await store.isHeard(name).catch(() => false);
        if (!heard) request.ended?.(mine, outcome);
      },
    });
    const mine = new PublishedTransfer(transfer, store, options);
    published.set(transfer, mine);
    keepNoted(mine);
    return mine;
  }

  function keepNoted(mine: PublishedTransfer<Result>): void {
    noting.add(mine);
    void mine.keepNoted(closed.signal).finally(() => noting.delete(mine));
  }

  /** Those that run are noted again and again; newest first, since the newest at one thing is to be found. */
  async function noteEndedAnew(): Promise<void> {
    const ended = local.all().filter(({ outcome }) => outcome !== undefined);
    for (const transfer of ended.reverse()) {
      const mine = published.get(transfer);
      if (mine === undefined || noting.has(mine)) continue;
      await mine.noteEndAnew();
      keepNoted(mine);
    }
  }

  function here(owner: string, id: string): PublishedTransfer<Result> | undefined {
    const transfer = local.here(owner, id);
    return transfer && published.get(transfer);
  }

  async function find(owner: string, id: string): Promise<Transfer<Result> | undefined> {
    const mine = here(owner, id);
    if (mine !== undefined) return mine;
    const snapshot = await store.look({ owner, id });
    return snapshot && new FollowedTransfer({ owner, id }, snapshot, store, options);
  }

  async function list(owner: string): Promise<readonly Transfer<Result>[]> {
    const snapshots = await store.list(owner);
    const noted = [...snapshots].map(
      ([id, snapshot]) =>
        here(owner, id) ?? new FollowedTransfer({ owner, id }, snapshot, store, options),
    );
    // A Redis that has just restarted may not know them yet.
    const unnoted = [...noting].filter((mine) => mine.owner === owner && !snapshots.has(mine.id));
    return [...noted, ...unnoted].sort((a, b) => b.report().startedAt - a.report().startedAt);
  }

  /** One try: undefined if whoever had the place has ended meanwhile. */
  async function startOrJoin(request: JobRequest<Result>): Promise<Transfer<Result> | undefined> {
    const { owner, key } = request;
    const id = newTransferId();
    const startedAt = clock.now();
    const fields = claimFields(id, request, startedAt, replica.id);
    const holder = await store.claim({ owner, id, key, startedAt, fields }, mostRunning);
    if (holder === id) return begin(id, request);
    if (holder !== undefined) {
      const other = await find(owner, holder);
      return other?.goesOn === true ? other : undefined;
    }
    // Those whose replica is gone are found out by looking at them.
    const running = (await list(owner)).filter(({ outcome }) => outcome === undefined);
    if (running.length >= mostRunning) throw new TooManyTransfers(mostRunning);
    return undefined;
  }

  replica.onForgotten(() => void noteEndedAnew());
  return {
    find,
    list,
    async start(request) {
      for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
        const transfer = await startOrJoin(request);
        if (transfer !== undefined) return transfer;
      }
      throw new SharedStateAway('the transfers of this owner change too fast');
    },
    async same(owner, key) {
      const id = await store.newest(owner, key);
      const snapshot = id === undefined ? undefined : await store.look({ owner, id });
      if (id === undefined || snapshot === undefined) return undefined;
      const mine = here(owner, id);
      if (snapshot.heard) mine?.hear();
      const newest = mine ?? new FollowedTransfer({ owner, id }, snapshot, store, options);
      return isOfUse(newest) ? newest : undefined;
    },
    async cancelAll(reason, owner) {
      await local.cancelAll(reason, owner);
      const ended = [...noting].filter(({ outcome }) => outcome !== undefined);
      await Promise.all(ended.map((transfer) => transfer.note()));
    },
    close: () => closed.abort(),
  };
}
