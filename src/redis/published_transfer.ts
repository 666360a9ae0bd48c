import { KEEP_MS } from '../jobs/kept_transfers.ts';
import type { LocalTransfer } from '../jobs/local_transfer.ts';
import type { JobReport, Outcome, Transfer } from '../jobs/transfer_job.ts';
import { Cancelled } from '../transfer/cancelled.ts';
import { endedFields, readAsk, runningFields } from './job_snapshot.ts';
import type { JobStore, NotedJob, SharedJobsWorld } from './job_store.ts';

const PUBLISH_EVERY_MS = 500;

/** A transfer of this process, noted where the other replicas see it and ask to stop it. */
export class PublishedTransfer<Result> implements Transfer<Result> {
  readonly #local: LocalTransfer<Result>;
  readonly #store: JobStore<Result>;
  readonly #world: SharedJobsWorld<Result>;
  #isEndNoted = false;

  constructor(
    local: LocalTransfer<Result>,
    store: JobStore<Result>,
    world: SharedJobsWorld<Result>,
  ) {
    this.#local = local;
    this.#store = store;
    this.#world = world;
  }

  get id(): string {
    return this.#local.id;
  }

  get owner(): string {
    return this.#local.owner;
  }

  get outcome(): Outcome<Result> | undefined {
    return this.#local.outcome;
  }

  get goesOn(): boolean {
    return this.#local.goesOn;
  }

  get heard(): boolean {
    return this.#local.heard;
  }

  hear(): void {
    this.#local.hear();
    // If its end is not noted yet, the note will say so.
    this.#store.hear(this.#local).catch(() => undefined);
  }

  report(): JobReport {
    return this.#local.report();
  }

  onProgress(listener: () => void): () => void {
    return this.#local.onProgress(listener);
  }

  wait(ms: number, signal: AbortSignal): Promise<Outcome<Result> | undefined> {
    return this.#local.wait(ms, signal);
  }

  cancel(reason: Cancelled): Promise<Outcome<Result>> {
    const ended = this.#local.cancel(reason);
    void this.note();
    return ended;
  }

  async abandon(reason: Cancelled): Promise<Outcome<Result> | undefined> {
    // While nobody can tell, nobody elsewhere can be waiting for an answer either.
    const awaited = await this.#store.isAwaited(this.#local).catch(() => false);
    return awaited || this.#local.waiting > 0 ? this.outcome : this.cancel(reason);
  }

  /** Notes how far it is until its end is noted, or nobody would ask for it any more. */
  async keepNoted(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const ended = this.outcome !== undefined;
      await this.note();
      if (this.#isEndNoted || this.#isPast()) return;
      // What ended meanwhile is noted at once; an end that could not be noted, after a pause.
      const pause = ended
        ? this.#world.clock.wait(PUBLISH_EVERY_MS, signal)
        : this.#local.settledWithin(PUBLISH_EVERY_MS, signal);
      // Rejects only at the end.
      await pause.catch(() => undefined);
    }
  }

  /** Notes its end again, of which Redis may know nothing any more. */
  async noteEndAnew(): Promise<void> {
    if (this.#isPast()) return;
    this.#isEndNoted = false;
    await this.note();
  }

  /** Notes how far it is now, and does what others ask. Never throws: the next note tells it too. */
  async note(): Promise<void> {
    const { outcome } = this;
    try {
      if (outcome === undefined) await this.#obey(await this.#store.publish(this.#running()));
      else if (!this.#isEndNoted) {
        await this.#store.end(this.#ended(outcome));
        this.#isEndNoted = true;
      }
    } catch {
      // Redis is away, which its connection logs: the transfer goes on.
    }
  }

  async #obey(asked: string): Promise<void> {
    if (asked === '') return;
    if (asked === 'lost') {
      // Its owner was told that it failed, and may have called again.
      void this.#local.cancel(new Cancelled('other servers took this one for gone'));
      return;
    }
    const ask = readAsk(asked);
    if (ask?.op === 'cancel' || (ask?.op === 'abandon' && this.#local.waiting === 0)) {
      void this.#local.cancel(ask.reason);
    } else {
      await this.#store.decline(this.#local, asked);
    }
  }

  #running(): NotedJob {
    return this.#noted(runningFields(this.#local, this.#world.replica.id));
  }

  #ended(outcome: Outcome<Result>): NotedJob {
    const { replica, codec } = this.#world;
    return this.#noted(endedFields(this.#local, outcome, replica.id, codec));
  }

  #noted(fields: NotedJob['fields']): NotedJob {
    const { owner, id, key } = this.#local;
    return { owner, id, key, startedAt: this.report().startedAt, fields };
  }

  #isPast(): boolean {
    const { endedAt } = this.report();
    return endedAt !== undefined && this.#world.clock.now() - endedAt > KEEP_MS;
  }
}
