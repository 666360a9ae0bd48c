import type { Clock } from '../../../src/transfer/engine.ts';

/** Time that passes when a test says so. */
export class ManualClock implements Clock {
  #now = 1_000_000;
  #waiting: { readonly until: number; readonly wake: () => void }[] = [];

  now = (): number => this.#now;

  wait = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      const wake = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
      else this.#waiting.push({ until: this.#now + ms, wake });
    });

  /** Lets time pass, in milliseconds, and whoever waited for it act. */
  async pass(ms: number): Promise<void> {
    this.#now += ms;
    const due = this.#waiting.filter(({ until }) => until <= this.#now);
    this.#waiting = this.#waiting.filter(({ until }) => until > this.#now);
    for (const { wake } of due) wake();
    await new Promise(setImmediate);
  }
}
