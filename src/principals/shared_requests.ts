import { untilAborted } from '../transfer/cancellable.ts';

interface Flight<T> {
  readonly answer: Promise<T>;
  readonly stop: AbortController;
  waiting: number;
}

/** Makes one request of all that ask the same at the same time. */
export class SharedRequests<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /**
   * Joins the request that is under way for the key, or begins it. It goes on as long as somebody
   * waits for it. Rejects as it does, or with the signal's reason.
   */
  async ask(
    key: string,
    begin: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const flight = this.#flights.get(key) ?? this.#start(key, begin);
    flight.waiting += 1;
    try {
      return await untilAborted(flight.answer, signal);
    } finally {
      flight.waiting -= 1;
      if (flight.waiting === 0) {
        this.#forget(key, flight);
        flight.stop.abort();
      }
    }
  }

  #start(key: string, begin: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const stop = new AbortController();
    const flight = { answer: begin(stop.signal), stop, waiting: 0 };
    this.#flights.set(key, flight);
    return flight;
  }

  /** By now another one may be under way for the same key. */
  #forget(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
