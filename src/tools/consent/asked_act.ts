import type { Operation } from '../../operations/operation.ts';
import type { AskingCall } from './asking_call.ts';
import { estimateInWords } from './estimate.ts';
import { actInWords } from './question.ts';

/** Something that may have to be confirmed before it is done. */
export interface AskedAct {
  readonly id: string;
  readonly asksFirst: boolean;
  /** Whether to send it twice with one key is to do it once. */
  readonly idempotencyKey: boolean;
  /** For a person who has not seen the call. */
  inWords(input: Readonly<Record<string, unknown>>): string;
  /** What it would cost, in words; undefined where nobody says. */
  estimate?(
    input: Readonly<Record<string, unknown>>,
    call: AskingCall,
  ): Promise<string | undefined>;
}

/** An operation of Geopera as an act. */
export function actOf(operation: Operation): AskedAct {
  const { id, asksFirst, idempotencyKey } = operation;
  return {
    id,
    asksFirst,
    idempotencyKey,
    inWords: (input) => actInWords(operation, input),
    estimate: (input, call) => estimateInWords(operation, input, call),
  };
}
