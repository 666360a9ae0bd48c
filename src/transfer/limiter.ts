import { FairPlaces, type Owner } from './fair_places.ts';
import { type HoldsWorld, HostHolds } from './host_holds.ts';

/** A host with its port, as a `URL` has it. */
export interface HostName {
  readonly host: string;
}

/** Who sets the pace of a request: this machine, or the server of others that its bytes come from. */
export type Pace = 'own' | 'relayed';

/** Bounds what an engine does at once, over all its transfers. */
export interface Limiter {
  /**
   * Waits until one more request may go to the host: until no hold is on it and a place is free. See
   * {@link FairPlaces} for who is next. What is relayed has places of its own, so that slow sources
   * keep back nothing else. Never ask for a second place while holding one.
   *
   * @param pace default `own`
   * @returns gives the place back; calling it again does nothing
   * @throws the signal's reason
   */
  admit(to: HostName, signal: AbortSignal, pace?: Pace): Promise<() => void>;
  /** Places for requests of this machine's own pace that would be given at once. */
  readonly spare: number;
  /** The host asked for less: nothing more is admitted to it for so long. Requests under way go on. */
  throttled(by: HostName, ms: number): void;
  /** The same limits, seen by one of several owners: they leave each other places. */
  forOwner(owner: string): Limiter;
}

export interface LimiterWorld extends HoldsWorld {
  /** Most requests at once, of either pace. */
  readonly places: number;
}

interface Limits {
  readonly holds: HostHolds;
  readonly places: Readonly<Record<Pace, FairPlaces>>;
}

class OwnersLimiter implements Limiter {
  readonly #limits: Limits;
  readonly #owner: Owner;

  constructor(limits: Limits, owner: Owner) {
    this.#limits = limits;
    this.#owner = owner;
  }

  get spare(): number {
    return this.#limits.places.own.spareFor(this.#owner);
  }

  async admit({ host }: HostName, signal: AbortSignal, pace: Pace = 'own'): Promise<() => void> {
    const { holds, places } = this.#limits;
    for (;;) {
      await holds.over(host, signal);
      signal.throwIfAborted();
      const release = await places[pace].take(this.#owner, signal);
      // The host may have been put on hold, or the act cancelled, while this stood in the queue.
      if (!holds.isHeld(host) && !signal.aborted) return release;
      release();
    }
  }

  throttled({ host }: HostName, ms: number): void {
    this.#limits.holds.hold(host, ms);
  }

  forOwner(owner: string): Limiter {
    return new OwnersLimiter(this.#limits, owner);
  }
}

/** Makes a limiter, for one owner alone; an engine has one. */
export function createLimiter(world: LimiterWorld): Limiter {
  const { places } = world;
  const limits: Limits = {
    holds: new HostHolds(world),
    places: { own: new FairPlaces(places), relayed: new FairPlaces(places) },
  };
  return new OwnersLimiter(limits, undefined);
}
