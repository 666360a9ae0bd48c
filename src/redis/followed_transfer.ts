import { randomBytes } from 'node:crypto';
import { ReplicaLost } from '../jobs/replica_lost.ts';
import { SharedStateAway } from '../jobs/shared_state_away.ts';
import { TransferForgotten } from '../jobs/transfer_forgotten.ts';
import type { JobReport, Outcome, Transfer } from '../jobs/transfer_job.ts';
import type { Cancelled } from '../transfer/cancelled.ts';
import { type JobSnapshot, writeAsk } from './job_snapshot.ts';
import type { JobName, JobStore, SharedJobsWorld } from './job_store.ts';
import { LIVES_MS } from './replica.ts';

const LOOK_EVERY_MS = 500;
/** How long a wait counts that is not noted again: its replica may be gone. */
const WAIT_LIVES_MS = 5_000;

/** A transfer that another replica runs, as it was noted last; while somebody waits it is looked at anew. */
export class FollowedTransfer<Result> implements Transfer<Result> {
  readonly id: string;
  readonly owner: string;
  readonly #store: JobStore<Result>;
  readonly #world: SharedJobsWorld<Result>;
  readonly #listeners = new Set<() => void>();
  #snapshot: JobSnapshot<Result>;
  /** Since when Redis does not know it, in epoch milliseconds. */
  #unknownSince: number | undefined;

  constructor(
    { owner, id }: JobName,
    snapshot: JobSnapshot<Result>,
    store: JobStore<Result>,
    world: SharedJobsWorld<Result>,
  ) {
    this.id = id;
    this.owner = owner;
    this.#snapshot = snapshot;
    this.#store = store;
    this.#world = world;
  }

  get outcome(): Outcome<Result> | undefined {
    return this.#snapshot.outcome;
  }

  get goesOn(): boolean {
    return this.outcome === undefined && !this.#snapshot.stopping;
  }

  get heard(): boolean {
    return this.#snapshot.heard;
  }

  hear(): void {
    this.#snapshot = { ...this.#snapshot, heard: true };
    this.#store.hear(this).catch(() => undefined);
  }

  report(): JobReport {
    return this.#snapshot.report;
  }

  onProgress(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** As of any transfer; throws `SharedStateAway` if at the end it cannot be known how far it is. */
  async wait(ms: number, signal: AbortSignal): Promise<Outcome<Result> | undefined> {
    if (this.outcome !== undefined || ms <= 0) return this.outcome;
    const waiter = randomBytes(9).toString('base64url');
    try {
      return await this.#watch(ms, signal, () => this.#store.await(this, waiter, WAIT_LIVES_MS));
    } finally {
      this.#store.waitNoMore(this, waiter).catch(() => undefined);
    }
  }

  /** Throws `SharedStateAway` if the replica that runs it cannot be asked. */
  async cancel(reason: Cancelled): Promise<Outcome<Result>> {
    const ask = writeAsk({ op: 'cancel', reason });
    for (;;) {
      // Asked again as long as it shows no effect: a Redis that restarts may have forgotten it.
      if (!this.#snapshot.stopping) await this.#store.cancel(this, ask);
      const outcome = await this.#next();
      if (outcome !== undefined) return outcome;
    }
  }

  async abandon(reason: Cancelled): Promise<Outcome<Result> | undefined> {
    const ask = writeAsk({ op: 'abandon', reason });
    if (!(await this.#store.abandon(this, ask))) return this.outcome;
    for (;;) {
      const outcome = await this.#next();
      if (outcome !== undefined) return outcome;
      const { asked, stopping } = this.#snapshot;
      if (!asked && !stopping) return undefined;
    }
  }

  /** Looks at it now, and pauses if it has not ended. */
  async #next(): Promise<Outcome<Result> | undefined> {
    await this.#look();
    if (this.outcome === undefined) {
      await this.#world.clock.wait(LOOK_EVERY_MS, new AbortController().signal);
    }
    return this.outcome;
  }

  async #watch(
    ms: number,
    signal: AbortSignal,
    note: () => Promise<void>,
  ): Promise<Outcome<Result> | undefined> {
    const { clock } = this.#world;
    const until = clock.now() + ms;
    for (;;) {
      signal.throwIfAborted();
      const failure = await this.#lookOrFail(note);
      const left = until - clock.now();
      if (this.outcome !== undefined) return this.outcome;
      if (left <= 0 && failure !== undefined) throw failure;
      if (left <= 0) return undefined;
      await clock.wait(Math.min(LOOK_EVERY_MS, left), signal);
    }
  }

  /** Redis may be back before the wait is over. */
  async #lookOrFail(note: () => Promise<void>): Promise<SharedStateAway | undefined> {
    try {
      await note();
      await this.#look();
      return undefined;
    } catch (failure) {
      if (failure instanceof SharedStateAway) return failure;
      throw failure;
    }
  }

  async #look(): Promise<void> {
    const found = await this.#store.look(this);
    if (found === undefined) await this.#missed();
    else {
      this.#snapshot = found;
      this.#unknownSince = undefined;
    }
    for (const listener of this.#listeners) listener();
  }

  /** Redis has forgotten it: it has ended if nobody is left to note it anew, or does so. */
  async #missed(): Promise<void> {
    const now = this.#world.clock.now();
    this.#unknownSince ??= now;
    if (await this.#world.replica.isGone(this.#snapshot.replica)) this.#fail(new ReplicaLost());
    else if (now - this.#unknownSince > LIVES_MS) this.#fail(new TransferForgotten());
  }

  #fail(error: Error): void {
    const outcome = { state: 'failed', error } as const;
    const report = { ...this.report(), state: outcome.state, endedAt: this.#world.clock.now() };
    this.#snapshot = { ...this.#snapshot, outcome, report };
  }
}
