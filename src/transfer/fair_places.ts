/** Whose work it is; undefined where there is only one owner, who has nobody to leave anything to. */
export type Owner = string | undefined;

/** Of all places, so many are left to owners that hold few or none. */
const LEFT_TO_OTHERS = 1 / 4;

interface Share {
  held: number;
  /** In order of arrival. */
  readonly waiting: Set<() => void>;
}

/**
 * Places that several owners share. Nobody can hold all of them, for however long: an owner takes one
 * of the last quarter only while it holds fewer than are free. What is given back goes to the owners
 * that wait in turns, and to those who wait for one owner in order of arrival.
 */
export class FairPlaces {
  readonly #kept: number;
  #free: number;
  /** Of those that hold a place or wait for one; whoever was given one last comes last. */
  readonly #shares = new Map<Owner, Share>();

  constructor(places: number) {
    this.#free = places;
    this.#kept = Math.ceil(places * LEFT_TO_OTHERS);
  }

  /** How many more the owner may take at once. */
  spareFor(owner: Owner): number {
    if (owner === undefined) return this.#free;
    const held = this.#shares.get(owner)?.held ?? 0;
    return Math.max(0, this.#free - this.#kept, Math.ceil((this.#free - held) / 2));
  }

  /**
   * Waits for a place. Never ask for a second one while holding one.
   *
   * @returns gives it back; calling it again does nothing
   * @throws the signal's reason
   */
  take(owner: Owner, signal: AbortSignal): Promise<() => void> {
    if (this.spareFor(owner) > 0) return Promise.resolve(this.#taken(owner));
    return new Promise((resolve, reject) => {
      const { waiting } = this.#shareOf(owner);
      const enter = () => {
        signal.removeEventListener('abort', leave);
        waiting.delete(enter);
        resolve(this.#taken(owner));
      };
      const leave = () => {
        waiting.delete(enter);
        this.#forgetIdle(owner);
        reject(signal.reason);
      };
      waiting.add(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #taken(owner: Owner): () => void {
    const share = this.#shareOf(owner);
    share.held += 1;
    this.#free -= 1;
    this.#shares.delete(owner);
    this.#shares.set(owner, share);
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      share.held -= 1;
      this.#free += 1;
      this.#forgetIdle(owner);
      this.#handOut();
    };
  }

  #handOut(): void {
    for (let enter = this.#next(); enter !== undefined; enter = this.#next()) enter();
  }

  #next(): (() => void) | undefined {
    if (this.#free === 0) return undefined;
    for (const [owner, { waiting }] of this.#shares) {
      const [first] = waiting;
      if (first !== undefined && this.spareFor(owner) > 0) return first;
    }
    return undefined;
  }

  #shareOf(owner: Owner): Share {
    const known = this.#shares.get(owner);
    if (known !== undefined) return known;
    const share: Share = { held: 0, waiting: new Set() };
    this.#shares.set(owner, share);
    return share;
  }

  #forgetIdle(owner: Owner): void {
    const share = this.#shares.get(owner);
    if (share?.held === 0 && share.waiting.size === 0) this.#shares.delete(owner);
  }
}
