import type { Clock } from '../../src/transfer/engine.ts';

/** Waits of the engine are held until the test opens it; from then on they pass at once. */
export class HeldClock implements Clock {
  #open = false;
  #wake: (() => void)[] = [];

  now = (): number => Date.now();

  wait = (_ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      const wake = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
      else if (this.#open) setImmediate(wake);
      else this.#wake.push(wake);
    });

  /** From now on waits are held again. */
  hold(): void {
    this.#open = false;
  }

  open(): void {
    this.#open = true;
    for (const wake of this.#wake) wake();
    this.#wake = [];
  }
}
