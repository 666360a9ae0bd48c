import type { Clock } from './clock.ts';

/** After a hold, the requests that waited wake over this part of its length, not all at once. */
const WAKE_OVER = 0.1;

interface Hold {
  /** By the engine's clock. */
  readonly until: number;
  readonly ms: number;
}

export interface HoldsWorld {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** Hosts that asked for less, and until when nothing more goes to them. */
export class HostHolds {
  readonly #world: HoldsWorld;
  readonly #holds = new Map<string, Hold>();

  constructor(world: HoldsWorld) {
    this.#world = world;
  }

  isHeld(host: string): boolean {
    return this.#holdOn(host) !== undefined;
  }

  /** Makes the hold on a host longer, never shorter. */
  hold(host: string, ms: number): void {
    const until = this.#world.clock.now() + ms;
    if (until > (this.#holdOn(host)?.until ?? 0)) this.#holds.set(host, { until, ms });
  }

  /** @throws the signal's reason */
  async over(host: string, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#world;
    for (let hold = this.#holdOn(host); hold !== undefined; hold = this.#holdOn(host)) {
      const left = hold.until - clock.now();
      await clock.wait(left + random() * WAKE_OVER * hold.ms, signal);
    }
  }

  #holdOn(host: string): Hold | undefined {
    const hold = this.#holds.get(host);
    if (hold !== undefined && hold.until <= this.#world.clock.now()) {
      this.#holds.delete(host);
      return undefined;
    }
    return hold;
  }
}
