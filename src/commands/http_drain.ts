import type { TransferObserver } from '../jobs/transfer_observer.ts';
import type { Clock } from '../transfer/engine.ts';

/** Of the time to drain, what is kept for failing and releasing transfers that have not finished. */
const RELEASE_MS = 10_000;
const MOST_SHARE_FOR_RELEASE = 0.5;

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
  readonly transfers: RunningTransfers;
  /** Fails the transfers that still run, and resolves once each is released. */
  stopTransfers(): Promise<unknown>;
  readonly clock: Clock;
}

/** Lets transfers finish, and stops those that take too long. False if that took too long as well. */
export async function drainTransfers(options: DrainOptions): Promise<boolean> {
  const { transfers, stopTransfers, clock, seconds } = options;
  const totalMs = seconds * 1000;
  const releaseMs = Math.min(RELEASE_MS, totalMs * MOST_SHARE_FOR_RELEASE);
  const finished = await within(transfers.none(), totalMs - releaseMs, clock);
  // Also when all have finished: what waits without bytes moving, such as a link, ends here.
  return (await within(stopTransfers(), finished ? totalMs : releaseMs, clock)) || finished;
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
