import type { Clock, TransferLimits } from '../../../src/transfer/engine.ts';

/** From here on a wait is held until the test lets time pass; shorter ones pass at once. */
const HELD_FROM_MS = 1_000_000;

/** Stall windows so long that only a test's own `advance` ends them. */
export const HELD_LIMITS = {
  downloadStallMs: HELD_FROM_MS,
  uploadStallMs: HELD_FROM_MS,
  getAnswerMs: HELD_FROM_MS,
  putAnswerMs: HELD_FROM_MS,
} as const satisfies Partial<TransferLimits>;

/** Time that passes when a test says so. */
export class TestClock implements Clock {
  /** Every short wait that was asked for, in milliseconds. */
  readonly waits: number[] = [];
  #now: number;
  #held: { readonly until: number; readonly wake: () => void }[] = [];

  constructor(now = Date.parse('2026-03-01T12:00:00Z')) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      const wake = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      if (signal.aborted) {
        reject(signal.reason);
      } else if (ms >= HELD_FROM_MS) {
        this.#held.push({ until: this.#now + ms, wake });
      } else {
        this.waits.push(ms);
        this.#now += ms;
        setImmediate(wake);
      }
    });
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = this.#held.filter(({ until }) => until <= this.#now);
    this.#held = this.#held.filter(({ until }) => until > this.#now);
    for (const { wake } of due) {
      wake();
    }
  }
}
