import { Cancelled } from '../transfer/cancelled.ts';
import type { Clock } from '../transfer/engine.ts';
import type { TransferJobs } from './transfer_jobs.ts';

/** Which owners are there; the transfers of those who stay away end. */
export interface OwnerPresence {
  /** To be called with each request. */
  seen(owner: string): void;
  /** The owner counts as seen until the answered function is called: a session is open. */
  hold(owner: string): () => void;
  /** Ends no transfer from now on. */
  close(): void;
}

/** Where else an owner may be seen: at another replica. Both may reject while that cannot be known. */
export interface SharedPresence {
  /** Notes that the owner is there now. */
  tell(owner: string): Promise<void>;
  /** Whether anybody told so within the time after which an owner counts as gone. */
  isPresent(owner: string): Promise<boolean>;
}

export interface OwnerPresenceOptions {
  readonly clock: Clock;
  /** After so many milliseconds without a sight an owner is gone. */
  readonly goneAfterMs: number;
  readonly jobs: Pick<TransferJobs<unknown>, 'cancelAll'>;
  readonly shared?: SharedPresence;
}

/** What is known of one owner. */
interface Sight {
  /** Epoch milliseconds. */
  seenAt: number;
  toldAt: number;
  /** Open sessions. */
  holds: number;
}

/** Looks this often within the time after which an owner is gone. */
const LOOKS = 4;

export function watchOwners(options: OwnerPresenceOptions): OwnerPresence {
  const { clock, goneAfterMs, jobs, shared } = options;
  const lookEveryMs = goneAfterMs / LOOKS;
  const sights = new Map<string, Sight>();
  const closed = new AbortController();

  function see(owner: string): Sight {
    const now = clock.now();
    const sight = sights.get(owner) ?? { seenAt: now, toldAt: Number.NEGATIVE_INFINITY, holds: 0 };
    sights.set(owner, sight);
    sight.seenAt = now;
    if (shared !== undefined && now - sight.toldAt >= lookEveryMs) {
      sight.toldAt = now;
      // Told again with the next look, if it did not arrive.
      shared.tell(owner).catch(() => undefined);
    }
    return sight;
  }

  /** False also while it cannot be known: a transfer is not ended for want of an answer. */
  async function isGone(owner: string): Promise<boolean> {
    if (shared === undefined) return true;
    return shared.isPresent(owner).then(
      (present) => !present,
      () => false,
    );
  }

  async function look(): Promise<void> {
    for (const [owner, sight] of [...sights]) {
      if (sight.holds > 0) see(owner);
      const { seenAt } = sight;
      if (clock.now() - seenAt <= goneAfterMs || !(await isGone(owner))) continue;
      // It may have come while the others were asked.
      if (sight.seenAt !== seenAt || sight.holds > 0 || closed.signal.aborted) continue;
      sights.delete(owner);
      void jobs.cancelAll(() => goneFor(goneAfterMs), owner);
    }
  }

  async function watch(): Promise<void> {
    while (!closed.signal.aborted) {
      const before = clock.now();
      // Rejects only at the end.
      await clock.wait(lookEveryMs, closed.signal).catch(() => undefined);
      if (closed.signal.aborted) return;
      if (clock.now() - before > 2 * lookEveryMs) seeAll();
      await look();
    }
  }

  /** This machine slept, or its clock was put forward: owners stayed away only by the clock. */
  function seeAll(): void {
    for (const sight of sights.values()) sight.seenAt = clock.now();
  }

  void watch();
  return {
    seen: (owner) => void see(owner),
    hold(owner) {
      const sight = see(owner);
      sight.holds += 1;
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        sight.holds -= 1;
        sight.seenAt = clock.now();
      };
    },
    close: () => closed.abort(),
  };
}

/** Nobody asked to undo it: what a download has is kept for the same call. */
function goneFor(ms: number): Cancelled {
  const seconds = Math.round(ms / 1000);
  return new Cancelled(`its owner was gone for ${seconds} seconds`, { keepPartial: true });
}
