import { createHash } from 'node:crypto';
import { ProblemError } from './problems.ts';
import type { KeptAnswer } from './state_model.ts';
import type { StateStore } from './state_store.ts';

/** How long the API's documents say that an answer is kept. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** A request that names itself by an `Idempotency-Key`. */
export interface KeyedRequest {
  readonly organizationId: string;
  /** An operation and its alias are two paths, so a key on one says nothing of the other. */
  readonly path: string;
  readonly key: string;
  readonly body: unknown;
}

/** Carries a keyed request out once, and answers it again from what was kept. */
export class KeptAnswers {
  readonly #store: StateStore;
  readonly #now: () => Date;
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(store: StateStore, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  /**
   * What `work` answered to the first request of this key. A request that was refused did nothing, so
   * its key is free again.
   *
   * @throws ProblemError 409 if the key was used with another body; whatever `work` throws
   */
  async once(request: KeyedRequest, work: () => Promise<unknown>): Promise<unknown> {
    const claim = digest([request.organizationId, request.path, request.key]);
    const other = this.#underWay.get(claim);
    if (other !== undefined) {
      await Promise.allSettled([other]);
      return this.once(request, work);
    }
    const answering = this.#answer(claim, digest(request.body), work).finally(() =>
      this.#underWay.delete(claim),
    );
    this.#underWay.set(claim, answering);
    return answering;
  }

  async #answer(claim: string, body: string, work: () => Promise<unknown>): Promise<unknown> {
    const kept = this.#find(claim);
    if (kept !== undefined) {
      if (kept.body === body) return kept.answer;
      throw new ProblemError(409, 'Idempotency-Key was used with another body');
    }
    const answer = await work();
    this.#store.state.kept_answers.push({ claim, body, answer, at: this.#now().toISOString() });
    await this.#store.save();
    return answer;
  }

  #find(claim: string): KeptAnswer | undefined {
    const { state } = this.#store;
    const oldest = this.#now().getTime() - KEPT_MS;
    state.kept_answers = state.kept_answers.filter(({ at }) => Date.parse(at) > oldest);
    return state.kept_answers.find((kept) => kept.claim === claim);
  }
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}
