import { randomUUID } from 'node:crypto';
import { GeoperaError } from '../../geopera/geopera_error.ts';
import { type ConfirmedAct, digestOf } from './confirmation_token.ts';
import type { ConsentRecords } from './consent_records.ts';

/** As long as the API's documents promise to know a key. */
export const SPEND_SECONDS = 24 * 60 * 60;

/**
 * The `Idempotency-Key` of each spend. A spend whose answer was lost keeps its key, so that the same call
 * again is the same spend, and never a second one; so are equal spends at once.
 */
export class SpendKeys {
  readonly #records: () => ConsentRecords;

  constructor(records: () => ConsentRecords) {
    this.#records = records;
  }

  /** The key of an earlier try whose fate is not known; else a new one. */
  async keyFor(act: ConfirmedAct): Promise<string> {
    return (await this.#records().openSpend(nameOf(act))) ?? randomUUID();
  }

  /** Carries a spend out, under `key` or that of an earlier try, which is kept until its fate is known. */
  async during<T>(act: ConfirmedAct, key: string, spend: (key: string) => Promise<T>): Promise<T> {
    const name = nameOf(act);
    const records = this.#records();
    // Before it is sent: whatever ends this call, the next one has to find it.
    const used = await records.beginSpend(name, key);
    // What is known already is not undone by records that are out of reach.
    const ended = () => records.endSpend(name, used).catch(() => undefined);
    try {
      const answer = await spend(used);
      await ended();
      return answer;
    } catch (failure) {
      if (failure instanceof GeoperaError && !failure.fateUnknown) await ended();
      // Another try at the same time may have ended meanwhile, and taken the key with it.
      else await records.beginSpend(name, used).catch(() => undefined);
      throw failure;
    }
  }
}

function nameOf({ owner, operationId, input }: ConfirmedAct): string {
  return digestOf([owner, operationId, input]);
}
