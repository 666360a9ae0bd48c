import type { BegunSpend, ConsentRecords } from './consent_records.ts';

const MOST_SPENDS = 10_000;

interface Kept {
  readonly key: string;
  readonly until: number;
}

/** Records of this process alone. */
export class ConsentMemory implements ConsentRecords {
  readonly #now: () => number;
  readonly #used = new Map<string, Kept>();
  readonly #spends = new Map<string, Kept>();

  constructor(now: () => number) {
    this.#now = now;
  }

  async use(confirmationId: string, seconds: number): Promise<boolean> {
    if (this.#find(this.#used, confirmationId) !== undefined) return false;
    this.#keep(this.#used, confirmationId, confirmationId, seconds);
    return true;
  }

  async openSpend(name: string): Promise<string | undefined> {
    return this.#find(this.#spends, name);
  }

  async beginSpend(name: string, key: string, seconds: number): Promise<BegunSpend> {
    const open = this.#find(this.#spends, name);
    if (open !== undefined) return { key: open, isFirst: false };
    this.#keep(this.#spends, name, key, seconds);
    const [oldest] = this.#spends.keys();
    if (this.#spends.size > MOST_SPENDS && oldest !== undefined) this.#spends.delete(oldest);
    return { key, isFirst: true };
  }

  async endSpend(name: string, key: string): Promise<void> {
    if (this.#find(this.#spends, name) === key) this.#spends.delete(name);
  }

  #find(kept: ReadonlyMap<string, Kept>, name: string): string | undefined {
    const found = kept.get(name);
    return found !== undefined && this.#now() < found.until ? found.key : undefined;
  }

  #keep(kept: Map<string, Kept>, name: string, key: string, seconds: number): void {
    const now = this.#now();
    for (const [old, { until }] of kept) if (until <= now) kept.delete(old);
    kept.delete(name);
    kept.set(name, { key, until: now + seconds * 1000 });
  }
}
