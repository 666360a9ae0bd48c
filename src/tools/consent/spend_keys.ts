import { randomUUID } from 'node:crypto';
import { GeoperaError } from '../../geopera/geopera_error.ts';
import { type ConfirmedAct, digestOf } from './confirmation_token.ts';

/** As long as the API's documents promise to know a key. */
const KEPT_MS = 24 * 60 * 60 * 1000;
const MOST_KEPT = 10_000;

interface KeptKey {
  readonly key: string;
  readonly until: number;
}

/**
 * The `Idempotency-Key` of each spend. A spend whose answer was lost keeps its key, so that the same call
 * again is the same spend, and never a second one.
 */
export class SpendKeys {
  readonly #kept = new Map<string, KeptKey>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The key of an earlier try whose fate is not known; else a new one. */
  keyFor(act: ConfirmedAct): string {
    const kept = this.#kept.get(nameOf(act));
    return kept !== undefined && kept.until > this.#now() ? kept.key : randomUUID();
  }

  /** Carries a spend out under its key, and keeps the key where nobody knows what became of it. */
  async during<T>(act: ConfirmedAct, key: string, spend: () => Promise<T>): Promise<T> {
    const name = nameOf(act);
    // Before it is sent: whatever ends this call, the next one has to find it.
    this.#keep(name, key);
    try {
      const answer = await spend();
      this.#kept.delete(name);
      return answer;
    } catch (failure) {
      if (failure instanceof GeoperaError && !failure.fateUnknown) this.#kept.delete(name);
      throw failure;
    }
  }

  #keep(name: string, key: string): void {
    this.#kept.delete(name);
    this.#kept.set(name, { key, until: this.#now() + KEPT_MS });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}

function nameOf({ owner, operationId, input }: ConfirmedAct): string {
  return digestOf([owner, operationId, input]);
}
