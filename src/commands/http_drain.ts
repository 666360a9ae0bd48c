import type { TransferObserver } from '../jobs/transfer_observer.ts';
import type { Clock } from '../transfer/engine.ts';

/** Of the time to drain, what is kept for failing and releasing transfers that have not finished. */
const STOP_MS = 10_000;
const MOST_SHARE_FOR_STOP = 0.5;

/** Tells when no transfer runs any more. */
export class RunningTransfers implements TransferObserver {
  #running = 0;
  #waiting: (() => void)[] = [];

  started(): void {
    this.#running += 1;
  }

  ended(): void {
    this.#running -= 1;
    if (this.#running === 0) for (const tell of this.#waiting.splice(0)) tell();
  }

  none(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

export interface DrainOptions {
  readonly seconds: number;
  /** Resolves once nothing is under way. */
  finished(): Promise<unknown>;
  /** Ends what still is, and resolves once it has cleaned up after itself. */
  stop(): Promise<unknown>;
  readonly clock: Clock;
}

/** Lets what is under way finish, and stops what takes too long. False if that took too long as well. */
export async function drainWithin({
  seconds,
  finished,
  stop,
  clock,
}: DrainOptions): Promise<boolean> {
  const totalMs = seconds * 1000;
  const stopMs = Math.min(STOP_MS, totalMs * MOST_SHARE_FOR_STOP);
  await within(finished(), totalMs - stopMs, clock);
  // Also when all has finished: a link waits without anything under way.
  return within(stop(), stopMs, clock);
}

/** True if it came to its end within the time. */
async function within(work: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  const over = new AbortController();
  const late = clock.wait(ms, over.signal).then(
    () => false,
    () => true,
  );
  const done = work.then(() => true);
  try {
    return await Promise.race([done, late]);
  } finally {
    over.abort();
  }
}
