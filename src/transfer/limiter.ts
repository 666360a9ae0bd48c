import type { Clock } from './clock.ts';

/** A host with its port, as a `URL` has it. */
export interface HostName {
  readonly host: string;
}

/** Bounds what an engine does at once, over all its transfers. */
export interface Limiter {
  /**
   * Waits until one more request may go to the host: until no hold is on it and a place is free, in
   * order of arrival. Never ask for a second place while holding one.
   *
   * @returns gives the place back; calling it again does nothing
   * @throws the signal's reason
   */
  admit(to: HostName, signal: AbortSignal): Promise<() => void>;
  /** Places that are free and asked for by nobody. */
  readonly spare: number;
  /** The host asked for less: nothing more is admitted to it for so long. Requests under way go on. */
  throttled(by: HostName, ms: number): void;
}

export interface LimiterWorld {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Most requests at once. */
  readonly places: number;
}

/** After a hold, the requests that waited wake over this part of its length, not all at once. */
const WAKE_OVER = 0.1;

interface Hold {
  /** By the engine's clock. */
  readonly until: number;
  readonly ms: number;
}

class PlacesAndHolds implements Limiter {
  readonly #world: LimiterWorld;
  /** In order of arrival. */
  readonly #queue = new Set<() => void>();
  readonly #holds = new Map<string, Hold>();
  #free: number;

  constructor(world: LimiterWorld) {
    this.#world = world;
    this.#free = world.places;
  }

  get spare(): number {
    return this.#free;
  }

  async admit({ host }: HostName, signal: AbortSignal): Promise<() => void> {
    for (;;) {
      await this.#holdOver(host, signal);
      signal.throwIfAborted();
      const release = await this.#place(signal);
      // The host may have been put on hold, or the act cancelled, while this stood in the queue.
      if (this.#holdOn(host) === undefined && !signal.aborted) {
        return release;
      }
      release();
    }
  }

  throttled({ host }: HostName, ms: number): void {
    const until = this.#world.clock.now() + ms;
    if (until > (this.#holdOn(host)?.until ?? 0)) {
      this.#holds.set(host, { until, ms });
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

  async #holdOver(host: string, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#world;
    for (let hold = this.#holdOn(host); hold !== undefined; hold = this.#holdOn(host)) {
      const left = hold.until - clock.now();
      await clock.wait(left + random() * WAKE_OVER * hold.ms, signal);
    }
  }

  #place(signal: AbortSignal): Promise<() => void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve(this.#takenPlace());
    }
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve(this.#takenPlace());
      };
      const leave = () => {
        this.#queue.delete(enter);
        reject(signal.reason);
      };
      this.#queue.add(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #takenPlace(): () => void {
    let taken = true;
    return () => {
      if (taken) {
        taken = false;
        this.#giveBack();
      }
    };
  }

  #giveBack(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#queue.delete(next);
    next();
  }
}

/** Makes a limiter; an engine has one. */
export function createLimiter(world: LimiterWorld): Limiter {
  return new PlacesAndHolds(world);
}
