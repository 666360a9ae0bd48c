/** Time after which an older pace counts for little: 1/e of it is left. */
const MEMORY_MS = 5_000;
/** Chunks come in bursts: what lies closer together is one measurement. */
const MIN_SPAN_MS = 200;

/** The pace of a transfer: a moving average over some five seconds that also sees a standstill. */
export class TransferRate {
  #from: { readonly at: number; readonly bytes: number } | undefined;
  #average = 0;
  /** How much of the average is measured yet, 0 to 1. */
  #weight = 0;

  /** Takes the bytes done by now. The first ones are the start: they may be from an earlier run. */
  measure(bytes: number, now: number): void {
    // A clock that was put back makes what was measured before of no use for what follows.
    if (this.#from === undefined || now < this.#from.at) {
      this.#from = { at: now, bytes };
      return;
    }
    const { at, bytes: before } = this.#from;
    if (now - at < MIN_SPAN_MS) return;
    const fresh = 1 - Math.exp((at - now) / MEMORY_MS);
    const pace = ((bytes - before) * 1000) / (now - at);
    this.#average += fresh * (pace - this.#average);
    this.#weight += fresh * (1 - this.#weight);
    this.#from = { at: now, bytes };
  }

  /** Bytes a second as of now; undefined before there is a measurement. */
  bytesPerSecond(now: number): number | undefined {
    if (this.#from === undefined || this.#weight === 0) return undefined;
    const idle = Math.max(0, now - this.#from.at);
    // Between two chunks a pause means nothing; only a longer one is a slower pace.
    const fresh = idle < MIN_SPAN_MS ? 0 : 1 - Math.exp(-idle / MEMORY_MS);
    const weight = this.#weight + fresh * (1 - this.#weight);
    return (this.#average * (1 - fresh)) / weight;
  }
}
