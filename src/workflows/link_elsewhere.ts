import type { Clock } from '../transfer/clock.ts';
import { deadlineOf, TO_FINISH_MS } from './link_deadline.ts';
import type { LinkInUse } from './link_in_use.ts';
import type { LinkName, LinkRecords } from './link_records.ts';
import type { FailurePoint, Reservation } from './upload_failed.ts';

/** What a session of another process is told to, by which clock, and how it is released. */
export interface LinkElsewhereWorld {
  readonly clock: Clock;
  readonly records: LinkRecords;
  end(point: FailurePoint): Promise<Reservation>;
}

/** A session that this process does not hold: another one may, which is told of what is done to it here. */
export class LinkElsewhere implements LinkInUse {
  readonly #name: LinkName;
  readonly #world: LinkElsewhereWorld;
  #heldUntil: number | undefined;

  constructor(name: LinkName, world: LinkElsewhereWorld) {
    this.#name = name;
    this.#world = world;
  }

  get heldUntil(): number | undefined {
    return this.#heldUntil;
  }

  async signed(linksEndAt: number | undefined): Promise<void> {
    const { clock, records } = this.#world;
    const until = deadlineOf(linksEndAt, clock.now());
    this.#heldUntil = await records.extend(this.#name, until);
    // Whoever finds what a dead process noted of it is to know of these links too.
    if (this.#heldUntil === undefined) await records.held(this.#name, until);
  }

  triedInVain(): Promise<void> {
    return this.#letWait();
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    await this.#letWait();
    return work();
  }

  async completed(): Promise<void> {
    await this.#world.records.finished(this.#name);
  }

  async fail(point: FailurePoint): Promise<Reservation> {
    const reservation = await this.#world.end(point);
    await this.#world.records.finished(this.#name);
    return reservation;
  }

  /** For as long as the API may take to complete it. */
  async #letWait(): Promise<void> {
    const { clock, records } = this.#world;
    this.#heldUntil = await records.extend(this.#name, clock.now() + TO_FINISH_MS);
  }
}
