import type { Log } from '../log.ts';
import { RecentMap } from '../principals/recent_map.ts';
import type { Clock } from '../transfer/engine.ts';
import type { WorkflowContext } from '../workflows/context.ts';

/** As often as a server of one client looks. */
const EVERY_MS = 60_000;
const MOST_PRINCIPALS = 10_000;

export interface LeftSessionsOptions {
  /** Releases what other processes left open of the account of this token, which is this principal's. */
  sweep(
    principal: string,
    token: string,
    context: WorkflowContext,
    signal: AbortSignal,
  ): Promise<unknown>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Releases upload sessions that a killed process left. Only their owner's token can do that, so it is
 * done beside the owner's next request, at most once a minute unless more is known to be left.
 */
export class LeftSessions {
  readonly #options: LeftSessionsOptions;
  /** When each principal's were looked for. */
  readonly #lookedAt = new RecentMap<string, number>(MOST_PRINCIPALS);
  readonly #stopped = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: LeftSessionsOptions) {
    this.#options = options;
  }

  visit(principal: string, token: string, context: WorkflowContext): void {
    const { sweep, clock, log } = this.#options;
    const now = clock.now();
    const last = this.#lookedAt.get(principal);
    if (this.#stopped.signal.aborted || (last !== undefined && now - last < EVERY_MS)) return;
    this.#lookedAt.set(principal, now);
    const swept = sweep(principal, token, context, this.#stopped.signal).catch((failure: unknown) =>
      log.warn({ failure: String(failure) }, 'could not look for upload sessions left open'),
    );
    this.#running.add(swept);
    void swept.finally(() => this.#running.delete(swept));
  }

  /** Something of this principal's was left just now: its next request is one to look beside. */
  lookAgain(principal: string): void {
    this.#lookedAt.delete(principal);
  }

  /** Resolves once what is at hand is finished. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#running);
  }
}
