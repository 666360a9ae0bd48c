import { Cancelled } from '../transfer/cancelled.ts';
import type { Clock } from '../transfer/clock.ts';
import { eachInParallel } from '../transfer/each_in_parallel.ts';
import { LinkElsewhere } from './link_elsewhere.ts';
import type { LinkInUse } from './link_in_use.ts';
import { type LinkName, type LinkRecords, LinkRecordsHere } from './link_records.ts';
import type { LinkedSession } from './linked_session.ts';
import { OpenLink } from './open_link.ts';
import type { FailurePoint, Reservation } from './upload_failed.ts';

/** Sessions that one owner may have waiting for their files. */
const MOST_LINKS = 50;
const CLOSED_AT_A_TIME = 16;

/** One owner has as many upload sessions waiting for their files as there may be. */
export class TooManyLinks extends Error {
  readonly most = MOST_LINKS;
  /** When the first of them ends by itself, in epoch milliseconds; unknown while they are opened. */
  readonly firstEndsAt: number | undefined;

  constructor(firstEndsAt: number | undefined) {
    super(`${MOST_LINKS} upload links are open already`);
    this.name = 'TooManyLinks';
    this.firstEndsAt = firstEndsAt;
  }
}

/** The upload sessions whose files their users send, each known to its owner alone. */
export class OpenLinks {
  readonly #clock: Clock;
  #records: LinkRecords;
  /** Those of this process, by upload id. */
  readonly #links = new Map<string, OpenLink>();
  /** Owners of sessions that are just being opened, one entry each. */
  readonly #opening: string[] = [];
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#records = new LinkRecordsHere(clock);
  }

  /** From here on other processes know what this one does, and are asked. To be called before the first use. */
  shareWith(records: LinkRecords): void {
    this.#records = records;
  }

  /**
   * Keeps a place of the owner's for the session that `work` opens.
   *
   * @throws TooManyLinks before anything is done
   */
  async opening<T>(owner: string, work: () => Promise<T>): Promise<T> {
    if (this.#of(owner).length >= MOST_LINKS) {
      await Promise.all(this.#of(owner).map((link) => link.isFinished()));
    }
    const known = await this.#records.count(owner);
    // No wait from here on: two that open at once must not take the same place.
    const here = this.#of(owner).map(({ heldUntil }) => heldUntil);
    const more = this.#opening.filter((other) => other === owner);
    if (Math.max(here.length, known?.open ?? 0) + more.length >= MOST_LINKS) {
      const ends = known?.firstEndsAt === undefined ? here : [...here, known.firstEndsAt];
      throw new TooManyLinks(ends.length === 0 ? undefined : Math.min(...ends));
    }
    this.#opening.push(owner);
    try {
      return await work();
    } finally {
      this.#opening.splice(this.#opening.indexOf(owner), 1);
    }
  }

  /**
   * Takes a session in hand until it is finished or its time is over.
   *
   * @param linksEndAt when its links end, in epoch milliseconds, where they say so
   * @throws Cancelled if the server shuts down
   */
  async hold(session: LinkedSession, linksEndAt: number | undefined): Promise<OpenLink> {
    if (this.#closed) throw shutDown();
    const { uploadId } = session;
    const link = new OpenLink(session, {
      clock: this.#clock,
      records: this.#records,
      forget: () => this.#links.delete(uploadId),
    });
    await link.signed(linksEndAt);
    this.#links.set(uploadId, link);
    return link;
  }

  /** A session of this owner; another's is as unknown as one that this process did not open. */
  find({ owner, uploadId }: LinkName): OpenLink | undefined {
    const link = this.#links.get(uploadId);
    return link?.session.owner === owner ? link : undefined;
  }

  /**
   * A session that `find` does not know, as far as others do.
   *
   * @param end releases its reservation, and never throws
   */
  elsewhere(name: LinkName, end: (point: FailurePoint) => Promise<Reservation>): LinkInUse {
    return new LinkElsewhere(name, { clock: this.#clock, records: this.#records, end });
  }

  /** Whether a session that a dead process left is to be left alone, since it has fresh links. */
  async isAwaited(name: LinkName): Promise<boolean> {
    return typeof (await this.#records.claimDeadline(name)) === 'object';
  }

  /**
   * Leaves all sessions to their journal, since their users may be sending at this moment; fails those
   * that no journal keeps. None can be held any more.
   */
  async close(): Promise<void> {
    this.#closed = true;
    const { signal } = new AbortController();
    await eachInParallel([...this.#links.values()], CLOSED_AT_A_TIME, signal, (link) =>
      link.leave(shutDown()),
    );
  }

  #of(owner: string): readonly OpenLink[] {
    return [...this.#links.values()].filter(({ session }) => session.owner === owner);
  }
}

function shutDown(): Cancelled {
  return new Cancelled('the server shut down');
}
