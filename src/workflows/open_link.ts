import { Cancelled } from '../transfer/cancelled.ts';
import type { Clock } from '../transfer/clock.ts';
import { deadlineOf, TO_FINISH_MS } from './link_deadline.ts';
import type { LinkInUse } from './link_in_use.ts';
import type { LinkRecords } from './link_records.ts';
import type { LinkedSession } from './linked_session.ts';
import type { FailurePoint, Reservation } from './upload_failed.ts';

const NOBODY_CAME = 'nobody finished the upload in the time that its links gave';

/** What a held session is told to, and by which clock. */
export interface OpenLinkWorld {
  readonly clock: Clock;
  readonly records: LinkRecords;
  /** Called when the session is in this process's hand no more. */
  forget(): void;
}

/** Holds a session until it is finished, failed or left, or until its time is over. */
export class OpenLink implements LinkInUse {
  readonly session: LinkedSession;
  readonly #world: OpenLinkWorld;
  #heldUntil = 0;
  #uses = 0;
  /** Stops the wait for the deadline. */
  #waiting = new AbortController();
  #over = false;
  #failed: Promise<Reservation> | undefined;

  constructor(session: LinkedSession, world: OpenLinkWorld) {
    this.session = session;
    this.#world = world;
  }

  get heldUntil(): number {
    return this.#heldUntil;
  }

  async signed(linksEndAt: number | undefined): Promise<void> {
    await this.#hold(deadlineOf(linksEndAt, this.#world.clock.now()));
  }

  async triedInVain(): Promise<void> {
    await this.#hold(this.#world.clock.now() + TO_FINISH_MS);
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#uses += 1;
    this.#waiting.abort();
    try {
      return await work();
    } finally {
      this.#uses -= 1;
      this.#waitForDeadline();
    }
  }

  async completed(): Promise<void> {
    this.#end();
    await Promise.all([this.session.entry.remove(), this.#world.records.finished(this.session)]);
  }

  /** Releases its reservation, once. Never throws. */
  fail(point: FailurePoint): Promise<Reservation> {
    this.#end();
    this.#failed ??= this.session.end(point).then(async (reservation) => {
      await this.#world.records.finished(this.session);
      return reservation;
    });
    return this.#failed;
  }

  /** Forgets it if it has ended elsewhere. False if it goes on, as far as is known. */
  async isFinished(): Promise<boolean> {
    if ((await this.#world.records.claimDeadline(this.session)) !== 'finished') return false;
    await this.completed();
    return true;
  }

  /** Leaves it to its journal; fails it where there is none. */
  async leave(why: Cancelled): Promise<void> {
    this.#end();
    const left = await this.session.entry.leave();
    if (!left) await this.fail({ step: 'transfer', cause: why });
  }

  async #hold(until: number): Promise<void> {
    if (this.#over) return;
    this.#heldUntil = Math.max(this.#heldUntil, until);
    await Promise.all([
      this.session.entry.note({ step: 'transfer', heldUntil: this.#heldUntil }),
      this.#world.records.held(this.session, this.#heldUntil),
    ]);
    this.#waitForDeadline();
  }

  #end(): void {
    this.#over = true;
    this.#waiting.abort();
    this.#world.forget();
  }

  #waitForDeadline(): void {
    this.#waiting.abort();
    if (this.#over || this.#uses > 0) return;
    const { clock } = this.#world;
    this.#waiting = new AbortController();
    const { signal } = this.#waiting;
    clock.wait(Math.max(0, this.#heldUntil - clock.now()), signal).then(
      () => this.#atDeadline(signal),
      // It was stopped: somebody uses the session, or it is over.
      () => undefined,
    );
  }

  /** @param signal aborted if the session is used, held longer or over meanwhile */
  async #atDeadline(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const claim = await this.#world.records.claimDeadline(this.session);
    if (signal.aborted) return;
    if (claim === 'finished') await this.completed();
    else if (claim === 'mine')
      await this.fail({ step: 'transfer', cause: new Cancelled(NOBODY_CAME) });
    else await this.#hold(claim.later);
  }
}
