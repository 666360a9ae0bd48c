import type { Clock } from './clock.ts';

/** Given, so that each stop does not make an exception with a stack of its own: that takes 0.1 ms. */
const STOPPED = new Error('stopped');

/** Calls `onStall` once if nothing is reported for a whole window. Suspended while the wait is our own. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #windowMs: number;
  readonly #onStall: () => void;
  readonly #ended = new AbortController();
  #lastMove: number;
  #suspended = false;

  /** Starts watching at once. */
  constructor(clock: Clock, windowMs: number, onStall: () => void) {
    this.#clock = clock;
    this.#windowMs = windowMs;
    this.#onStall = onStall;
    this.#lastMove = clock.now();
    this.#watch().catch((error: unknown) => {
      if (!this.#ended.signal.aborted) {
        throw error;
      }
    });
  }

  /** Bytes moved. */
  touch(): void {
    this.#lastMove = this.#clock.now();
  }

  suspend(): void {
    this.#suspended = true;
  }

  resume(): void {
    this.#suspended = false;
    this.touch();
  }

  stop(): void {
    this.#ended.abort(STOPPED);
  }

  async #watch(): Promise<void> {
    let left = this.#windowMs;
    while (left > 0) {
      await this.#clock.wait(left, this.#ended.signal);
      const idle = this.#suspended ? 0 : this.#clock.now() - this.#lastMove;
      left = this.#windowMs - idle;
    }
    if (!this.#ended.signal.aborted) {
      this.#onStall();
    }
  }
}
