import { Cancelled } from '../transfer/cancelled.ts';
import type { Clock } from '../transfer/clock.ts';
import { eachInParallel } from './each_in_parallel.ts';
import { type LinkedSession, OpenLink } from './open_link.ts';

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

/** The upload sessions of this process whose files their users send, each known to its owner alone. */
export class OpenLinks {
  readonly #clock: Clock;
  /** By upload id. */
  readonly #links = new Map<string, OpenLink>();
  /** Owners of sessions that are just being opened, one entry each. */
  readonly #opening: string[] = [];
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Keeps a place of the owner's for the session that `work` opens.
   *
   * @throws TooManyLinks before anything is done
   */
  async opening<T>(owner: string, work: () => Promise<T>): Promise<T> {
    const open = [...this.#links.values()].filter(({ session }) => session.owner === owner);
    const more = this.#opening.filter((other) => other === owner);
    if (open.length + more.length >= MOST_LINKS) {
      const ends = open.map(({ heldUntil }) => heldUntil);
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
    const link = new OpenLink(session, this.#clock, () => this.#links.delete(uploadId));
    await link.signed(linksEndAt);
    this.#links.set(uploadId, link);
    return link;
  }

  /** A session of this owner; another's is as unknown as one that this process did not open. */
  find(owner: string, uploadId: string): OpenLink | undefined {
    const link = this.#links.get(uploadId);
    return link?.session.owner === owner ? link : undefined;
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
}

function shutDown(): Cancelled {
  return new Cancelled('the server shut down');
}
