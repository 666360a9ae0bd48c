import type { Clock } from '../transfer/engine.ts';
import type { LocalTransfer } from './local_transfer.ts';

/** How long outcomes are kept for whoever asks, and at most how many: of one owner, and of all. */
export const KEEP_MS = 60 * 60 * 1000;
export const KEEP_MOST = 200;
const KEEP_MOST_OF_ALL = 2_000;

/** The transfers of this process that run, and those that ended not too long ago. */
export class KeptTransfers<Result> {
  readonly #clock: Clock;
  /** Oldest first. */
  readonly #byOwner = new Map<string, LocalTransfer<Result>[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(transfer: LocalTransfer<Result>): void {
    const { owner } = transfer;
    // Here too: nobody may ever ask.
    this.#forgetOld();
    this.#byOwner.set(owner, [...(this.#byOwner.get(owner) ?? []), transfer]);
  }

  /** Newest first. */
  of(owner: string): readonly LocalTransfer<Result>[] {
    this.#forgetOld();
    return [...(this.#byOwner.get(owner) ?? [])].reverse();
  }

  all(): readonly LocalTransfer<Result>[] {
    return [...this.#byOwner.values()].flat();
  }

  #forgetOld(): void {
    const past = this.#clock.now() - KEEP_MS;
    for (const owner of [...this.#byOwner.keys()]) {
      const surplus = this.#ended(owner).length - KEEP_MOST;
      const old = this.#ended(owner).filter(
        (transfer, index) => index < surplus || (transfer.report().endedAt ?? past) < past,
      );
      this.#forget(owner, new Set(old));
    }
    this.#forgetOfMany();
  }

  /** One owner's outcomes must not push out another's: whoever has most loses the oldest. */
  #forgetOfMany(): void {
    const counts = new Map(
      [...this.#byOwner.keys()].map((owner) => [owner, this.#ended(owner).length]),
    );
    let surplus = [...counts.values()].reduce((sum, count) => sum + count, 0) - KEEP_MOST_OF_ALL;
    for (; surplus > 0; surplus -= 1) {
      const [owner, count] = [...counts].reduce((most, it) => (it[1] > most[1] ? it : most));
      this.#forget(owner, new Set(this.#ended(owner).slice(0, 1)));
      counts.set(owner, count - 1);
    }
  }

  #ended(owner: string): LocalTransfer<Result>[] {
    return (this.#byOwner.get(owner) ?? []).filter(({ outcome }) => outcome !== undefined);
  }

  #forget(owner: string, old: ReadonlySet<LocalTransfer<Result>>): void {
    if (old.size === 0) return;
    const left = (this.#byOwner.get(owner) ?? []).filter((transfer) => !old.has(transfer));
    if (left.length === 0) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, left);
  }
}
