/** Of all sessions together, as JSON. */
const MOST_BYTES = 128 * 1024 * 1024;

/** What gives up its oldest event when memory is short. */
export interface EventHolder {
  /** @returns the bytes that it gave up; 0 if it has nothing to give */
  dropOldest(): number;
}

/** Bounds what all sessions of a process keep of their events, at the cost of the one longest quiet. */
export class EventMemory {
  readonly #most: number;
  /** By holder, the one longest quiet first. */
  readonly #held = new Map<EventHolder, number>();
  #bytes = 0;

  constructor(most = MOST_BYTES) {
    this.#most = most;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** To be called for what a holder keeps more; some holder may be asked to give up events. */
  took(holder: EventHolder, bytes: number): void {
    const held = (this.#held.get(holder) ?? 0) + bytes;
    this.#bytes += bytes;
    this.#held.delete(holder);
    this.#held.set(holder, held);
    for (const other of this.#held.keys()) {
      while (this.#bytes > this.#most) {
        if (other.dropOldest() === 0) break;
      }
    }
  }

  /** To be called for what a holder keeps no more. */
  gave(holder: EventHolder, bytes: number): void {
    const left = (this.#held.get(holder) ?? 0) - bytes;
    this.#bytes -= bytes;
    if (left > 0) this.#held.set(holder, left);
    else this.#held.delete(holder);
  }
}
