import type { Clock } from '../../transfer/clock.ts';
import { Refused } from './gates/refusals.ts';

/** How often idle sessions are looked for, as a share of their life, and at least so often. */
const LOOKS_PER_LIFE = 4;
const LOOK_AT_LEAST_EVERY_MS = 60_000;

/** Whether a session is over, or may go on in another process. */
export type SessionEnd = 'over' | 'moved';

/** What one client has begun with `initialize`. */
export interface Session {
  readonly id: string;
  /** Who opened it; nobody else is told that it exists. */
  readonly principal: string;
  /** Ends it and all that waits in it. Called once. */
  end(how: SessionEnd): Promise<void>;
}

interface Entry<Open extends Session> {
  readonly session: Open;
  /** Requests that are being answered, streams among them. */
  openRequests: number;
  /** When the last request began or ended. */
  usedAt: number;
}

export interface SessionsOptions {
  readonly most: number;
  /** Of one principal. */
  readonly mostOfOne: number;
  /** Without an open request a session ends after so long. */
  readonly idleMs: number;
  readonly clock: Clock;
}

/** The sessions of one server. */
export class Sessions<Open extends Session> {
  readonly #options: SessionsOptions;
  readonly #entries = new Map<string, Entry<Open>>();
  readonly #closed = new AbortController();

  constructor(options: SessionsOptions) {
    this.#options = options;
    void this.#endIdle();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @returns undefined also for a session of another principal */
  find(id: string, principal: string): Open | undefined {
    const session = this.#entries.get(id)?.session;
    return session?.principal === principal ? session : undefined;
  }

  /**
   * Sees to it that a principal can open one more, at the cost of its own idle ones.
   *
   * @throws Refused
   */
  async makeRoom(principal: string): Promise<void> {
    const { most, mostOfOne } = this.#options;
    const own = [...this.#entries.values()].filter(
      ({ session }) => session.principal === principal,
    );
    const full = this.size >= most || own.length >= mostOfOne;
    if (!full) return;
    const [longestIdle] = own
      .filter(({ openRequests }) => openRequests === 0)
      .sort((one, other) => one.usedAt - other.usedAt);
    if (longestIdle === undefined) throw new Refused('tooManySessions');
    await this.end(longestIdle.session.id, 'moved');
  }

  /** One that is added after the end of all ends too. */
  add(session: Open): void {
    if (this.#closed.signal.aborted) {
      void session.end('moved');
      return;
    }
    const usedAt = this.#options.clock.now();
    this.#entries.set(session.id, { session, openRequests: 0, usedAt });
  }

  /** Counts a request as open until the answered function is called. */
  use({ id }: Open): () => void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return () => undefined;
    entry.openRequests += 1;
    entry.usedAt = this.#options.clock.now();
    return () => {
      entry.openRequests -= 1;
      entry.usedAt = this.#options.clock.now();
    };
  }

  async end(id: string, how: SessionEnd = 'over'): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    await entry.session.end(how);
  }

  /** Ends all of them here; other processes that share them may go on with them. */
  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.all([...this.#entries.keys()].map((id) => this.end(id, 'moved')));
  }

  async #endIdle(): Promise<void> {
    const { clock, idleMs } = this.#options;
    const { signal } = this.#closed;
    const lookEveryMs = Math.min(LOOK_AT_LEAST_EVERY_MS, idleMs / LOOKS_PER_LIFE);
    while (!signal.aborted) {
      // Rejects only when all is closed, which is how this ends.
      await clock.wait(lookEveryMs, signal).catch(() => undefined);
      const limit = clock.now() - idleMs;
      for (const [id, { openRequests, usedAt }] of this.#entries) {
        if (openRequests === 0 && usedAt <= limit) await this.end(id, 'moved');
      }
    }
  }
}
