import { untilAborted } from '../transfer/cancellable.ts';

/** All places are taken, and as many wait as may. */
export class PlacesFull extends Error {
  override readonly name = 'PlacesFull';

  constructor() {
    super('too many wait for a place already');
  }
}

/** So many at once; others wait in order of arrival, up to a number. */
export class Places {
  #free: number;
  readonly #mostWaiting: number;
  readonly #waiting = new Set<() => void>();

  constructor(places: number, mostWaiting: number) {
    this.#free = places;
    this.#mostWaiting = mostWaiting;
  }

  /**
   * Does work when there is a place for it. Rejects as it does, while waiting with the signal's
   * reason, and with `PlacesFull` where nobody else may wait.
   */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#free === 0) await this.#turn(signal);
    else this.#free -= 1;
    try {
      return await work();
    } finally {
      this.#release();
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#mostWaiting) throw new PlacesFull();
    let wake: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#waiting.add(wake);
    try {
      await untilAborted(turn, signal);
    } catch (reason) {
      // The place may have been given between the abort and now: then it goes to the next one.
      if (!this.#waiting.delete(wake)) this.#release();
      throw reason;
    }
  }

  #release(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
