import { GeoperaError, type GeoperaErrorKind } from '../../geopera/geopera_error.ts';
import { type ConfirmedAct, digestOf } from './confirmation_token.ts';
import type { BegunSpend, ConsentRecords } from './consent_records.ts';

/** As long as the API's documents promise to know a key. */
const SPEND_SECONDS = 24 * 60 * 60;
/** As long as whoever heard no answer may well ask for the same again: what it made can be found by then. */
const FREE_SECONDS = 15 * 60;

/**
 * Refusals that are about who asks, how often and by which way, so that an earlier try under the same key
 * may have acted all the same. A conflict may be with that try, still at work.
 */
const BEFORE_THE_KEY: ReadonlySet<GeoperaErrorKind> = new Set([
  'no_token',
  'unauthenticated',
  'missing_scope',
  'forbidden',
  'rate_limited',
  'unreachable',
  'not_the_api',
  'conflict',
]);

/**
 * The `Idempotency-Key` of each act that takes one. An act whose answer was lost keeps its key, so that the
 * same call again is the same act, and never a second one.
 */
export class SpendKeys {
  readonly #records: () => ConsentRecords;

  constructor(records: () => ConsentRecords) {
    this.#records = records;
  }

  /** The key of an earlier try whose fate is not known; undefined if there is none. */
  async openKey(act: ConfirmedAct): Promise<string | undefined> {
    return this.#records().openSpend(nameOf(act));
  }

  /** Carries a spend out, under `key` or that of an equal one of whose fate nothing is known: these are one. */
  async during<T>(act: ConfirmedAct, key: string, spend: (key: string) => Promise<T>): Promise<T> {
    const name = nameOf(act);
    // Before it is sent: whatever ends this call, the next one has to find it.
    const begun = await this.#records().beginSpend(name, key, SPEND_SECONDS);
    return this.#sent(name, begun, SPEND_SECONDS, spend);
  }

  /** The same for what costs nothing: of these, equal ones at once are as many as were asked for. */
  async freely<T>(act: ConfirmedAct, key: string, work: (key: string) => Promise<T>): Promise<T> {
    const earlier = await this.openKey(act);
    const begun = { key: earlier ?? key, isFirst: earlier === undefined };
    return this.#sent(nameOf(act), begun, FREE_SECONDS, work);
  }

  async #sent<T>(
    name: string,
    { key, isFirst }: BegunSpend,
    seconds: number,
    work: (key: string) => Promise<T>,
  ): Promise<T> {
    const records = this.#records();
    // What is known already is not undone by records that are out of reach.
    const unlessAway = (noted: Promise<unknown>) => noted.catch(() => undefined);
    try {
      const answer = await work(key);
      await unlessAway(records.endSpend(name, key));
      return answer;
    } catch (failure) {
      if (!(failure instanceof GeoperaError) || failure.fateUnknown) {
        // Another try at the same time may have ended meanwhile, and taken the key with it.
        await unlessAway(records.beginSpend(name, key, seconds));
      } else if (isFirst || !BEFORE_THE_KEY.has(failure.kind)) {
        await unlessAway(records.endSpend(name, key));
      }
      throw failure;
    }
  }
}

function nameOf({ owner, operationId, input }: ConfirmedAct): string {
  return digestOf([owner, operationId, input]);
}
