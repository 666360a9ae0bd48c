import type { Clock } from '../transfer/clock.ts';

/** An upload session whose files its user sends, and who may finish it. */
export interface LinkName {
  readonly owner: string;
  readonly uploadId: string;
}

/** How many of an owner's sessions wait for their files. */
export interface LinkCount {
  readonly open: number;
  /** When the first of them ends by itself, in epoch milliseconds. */
  readonly firstEndsAt: number | undefined;
}

/**
 * What is to be done at a session's deadline: it is the asker's to fail, it has ended elsewhere, or it
 * has time until later (epoch milliseconds), as fresh links of it were signed or somebody finishes it.
 */
export type DeadlineClaim = 'mine' | 'finished' | { readonly later: number };

/**
 * What is known beyond one process of sessions that wait for their files. No token and no link is told to
 * it. None of its methods throws: where nothing can be known, each process acts by what it knows itself.
 */
export interface LinkRecords {
  /** The session waits until a time (epoch milliseconds), and no shorter than was said before. */
  held(link: LinkName, until: number): Promise<void>;
  /**
   * As `held`, of a session that is known already.
   *
   * @returns until when it waits now; undefined of one that is not known
   */
  extend(link: LinkName, until: number): Promise<number | undefined>;
  /** It is completed, or failed. */
  finished(link: LinkName): Promise<void>;
  /** Undefined if no more is known than the asker knows. */
  count(owner: string): Promise<LinkCount | undefined>;
  /** To be asked before a session is failed whose time is over. */
  claimDeadline(link: LinkName): Promise<DeadlineClaim>;
}

/** In this process: of sessions that an earlier one opened, for which it has signed links. */
export class LinkRecordsHere implements LinkRecords {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async held(link: LinkName, until: number): Promise<void> {
    const now = this.#clock.now();
    for (const [key, end] of this.#until) if (end <= now) this.#until.delete(key);
    this.#until.set(keyOf(link), Math.max(until, this.#until.get(keyOf(link)) ?? 0));
  }

  async extend(link: LinkName, until: number): Promise<number | undefined> {
    if (!this.#until.has(keyOf(link))) return undefined;
    await this.held(link, until);
    return this.#until.get(keyOf(link));
  }

  async finished(link: LinkName): Promise<void> {
    this.#until.delete(keyOf(link));
  }

  async count(): Promise<undefined> {
    return undefined;
  }

  async claimDeadline(link: LinkName): Promise<DeadlineClaim> {
    const later = this.#until.get(keyOf(link)) ?? 0;
    return later > this.#clock.now() ? { later } : 'mine';
  }
}

function keyOf({ owner, uploadId }: LinkName): string {
  return JSON.stringify([owner, uploadId]);
}
