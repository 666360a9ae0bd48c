import { randomBytes, randomUUID } from 'node:crypto';
import type { AskedAct } from './asked_act.ts';
import type { AskingCall } from './asking_call.ts';
import type { ConfirmMode } from './confirm_modes.ts';
import {
  CONFIRMATION_SECONDS,
  type ConfirmedAct,
  confirmationId,
  signConfirmation,
} from './confirmation_token.ts';
import { NotConfirmed } from './consent_error.ts';
import { ConsentMemory } from './consent_memory.ts';
import type { ConsentRecords } from './consent_records.ts';
import { SpendKeys } from './spend_keys.ts';

export interface ConsentOptions {
  readonly mode: ConfirmMode;
  /** Signs confirmations; the same on all servers that may hear of one. */
  key(): Promise<Uint8Array>;
  /** What was confirmed and spent; in memory if absent. */
  records?(): ConsentRecords;
  now(): number;
}

/** A key of this process alone. */
export function processKey(): ConsentOptions['key'] {
  const key = randomBytes(32);
  return async () => key;
}

/** Whether an act may be done: if it may, as what; if the user is to be asked first, by what words. */
export type Decision =
  | { readonly kind: 'granted'; readonly act: ConfirmedAct; readonly id: string }
  | { readonly kind: 'prepared'; readonly facts: Readonly<Record<string, unknown>> };

const AGAIN =
  'An equal call was sent before, and its outcome is not known. This one counts as the same: what was done then is not done twice.';

/** Lets nothing be spent or removed that nobody agreed to. In doubt, nothing is done. */
export class Consent {
  readonly #options: ConsentOptions;
  readonly #records: () => ConsentRecords;
  readonly #spends: SpendKeys;

  constructor(options: ConsentOptions) {
    const here = new ConsentMemory(options.now);
    this.#options = options;
    this.#records = options.records ?? (() => here);
    this.#spends = new SpendKeys(this.#records);
  }

  /** Whether the user is asked before it is done. */
  asks({ asksFirst }: Pick<AskedAct, 'asksFirst'>): boolean {
    return asksFirst && this.#options.mode !== 'never';
  }

  /**
   * Decides, asking the user where that is needed and can be.
   *
   * @param confirmation what an earlier decision had answered, if the call brings it
   * @throws NotConfirmed
   */
  async decide(
    asked: AskedAct,
    input: Readonly<Record<string, unknown>>,
    confirmation: string | undefined,
    call: AskingCall,
  ): Promise<Decision> {
    const { mode } = this.#options;
    const act = { operationId: asked.id, input, owner: call.owner };
    const granted = () => ({ kind: 'granted', act, id: randomUUID() }) as const;
    if (!this.asks(asked)) return granted();
    if (call.askUser === undefined) {
      if (mode === 'always') throw new NotConfirmed(asked.id, 'cannot_ask');
      if (confirmation === undefined) return this.#prepare(asked, act, call);
      return { kind: 'granted', act, id: await this.#confirmed(asked, act, confirmation) };
    }
    const question = await this.#questionOf(asked, act, call);
    if (!(await call.askUser(question))) throw new NotConfirmed(asked.id, 'declined');
    return granted();
  }

  /** Does what was granted; under the key that makes it one act, however often it is sent. */
  async carryOut<T>(
    { idempotencyKey, asksFirst }: Pick<AskedAct, 'idempotencyKey' | 'asksFirst'>,
    { act, id }: Extract<Decision, { kind: 'granted' }>,
    work: (terms: { readonly idempotencyKey?: string }) => Promise<T>,
  ): Promise<T> {
    if (!idempotencyKey) return work({});
    const send = (key: string) => work({ idempotencyKey: key });
    return asksFirst ? this.#spends.during(act, id, send) : this.#spends.freely(act, id, send);
  }

  async #prepare(asked: AskedAct, act: ConfirmedAct, call: AskingCall): Promise<Decision> {
    const summary = await this.#questionOf(asked, act, call);
    const id = (await this.#spends.openKey(act)) ?? randomUUID();
    const { key, now } = this.#options;
    return {
      kind: 'prepared',
      facts: {
        status: 'not_done_yet',
        summary,
        confirmation: signConfirmation(act, id, await key(), now()),
        confirmation_seconds: CONFIRMATION_SECONDS,
        next: 'Nothing was done. Show the summary to the user and ask. Only if they agree, make the same call again with the same arguments and, as one more argument of the tool, this confirmation.',
      },
    };
  }

  async #confirmed(asked: AskedAct, act: ConfirmedAct, token: string): Promise<string> {
    const id = confirmationId(token, act, await this.#options.key(), this.#options.now());
    // What carries a key of its own is done once however often it is sent; all else has only this.
    const isGood =
      id !== undefined &&
      (asked.idempotencyKey || (await this.#records().use(id, CONFIRMATION_SECONDS)));
    if (!isGood) throw new NotConfirmed(asked.id, 'invalid_confirmation');
    return id;
  }

  async #questionOf(asked: AskedAct, act: ConfirmedAct, call: AskingCall): Promise<string> {
    const isAgain = asked.idempotencyKey && (await this.#spends.openKey(act)) !== undefined;
    const estimate = await asked.estimate?.(act.input, call);
    const lines = [asked.inWords(act.input), isAgain ? AGAIN : undefined, estimate];
    return lines.filter((line) => line !== undefined).join('\n');
  }
}
