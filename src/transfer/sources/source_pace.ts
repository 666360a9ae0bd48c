import type { Clock } from '../clock.ts';
import type { FlowWatch } from '../downloads/watched_sink.ts';

/** The least that is waited for. */
export interface PaceLimits {
  readonly leastBytesPerSecond: number;
  /** Over so many milliseconds of waiting for the source. */
  readonly paceMs: number;
}

const STOPPED = new Error('stopped');
/** So much of the window passes at least between two looks. */
const LOOK_EVERY = 0.1;

/** Calls `onTooSlow` once if a source brings too little in a window of waiting for it. */
export class SourcePace implements FlowWatch {
  readonly #clock: Clock;
  readonly #limits: PaceLimits;
  readonly #onTooSlow: () => void;
  readonly #ended = new AbortController();
  #bytes = 0;
  #waitedMs = 0;
  /** Since when the source is waited for; undefined while something else is. */
  #since: number | undefined;

  /** Begins to wait at once. */
  constructor(clock: Clock, limits: PaceLimits, onTooSlow: () => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#onTooSlow = onTooSlow;
    this.#since = clock.now();
    this.#watch().catch((error: unknown) => {
      if (!this.#ended.signal.aborted) throw error;
    });
  }

  touch(bytes: number): void {
    this.#bytes += bytes;
  }

  suspend(): void {
    this.#waitedMs = this.#waited();
    this.#since = undefined;
  }

  resume(): void {
    this.#since ??= this.#clock.now();
  }

  stop(): void {
    this.#ended.abort(STOPPED);
  }

  #waited(): number {
    return this.#waitedMs + (this.#since === undefined ? 0 : this.#clock.now() - this.#since);
  }

  async #watch(): Promise<void> {
    const { paceMs, leastBytesPerSecond } = this.#limits;
    for (;;) {
      await this.#clock.wait(
        Math.max(paceMs - this.#waited(), paceMs * LOOK_EVERY),
        this.#ended.signal,
      );
      const waited = this.#waited();
      if (waited < paceMs) continue;
      if (this.#bytes < (leastBytesPerSecond * waited) / 1000) break;
      this.#bytes = 0;
      this.#waitedMs = 0;
      if (this.#since !== undefined) this.#since = this.#clock.now();
    }
    if (!this.#ended.signal.aborted) this.#onTooSlow();
  }
}
