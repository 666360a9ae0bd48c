import type { Operation } from '../../operations/operation.ts';
import { type AnswerView, answerOf } from '../answers/answer_of.ts';
import { actOf } from '../consent/asked_act.ts';
import type { OfferedCall, ToolAnswer } from '../tool.ts';

/** How one call of an operation goes, beside its input. */
export interface OperationRequest {
  readonly view: AnswerView;
  readonly confirmation?: string | undefined;
}

export const WHOLE_ANSWER: AnswerView = { skip: 0 };

/** A model that called a single operation is better told to wait than kept waiting. */
const PATIENCE_MS = 10_000;

/**
 * Carries an operation out for a client: its scope is checked, the user asked where that is due, and the
 * answer made fit for a model.
 *
 * @param body as the operation's model parsed it
 */
export async function performOperation(
  operation: Operation,
  body: Readonly<Record<string, unknown>>,
  { view, confirmation }: OperationRequest,
  call: OfferedCall,
): Promise<ToolAnswer> {
  const { consent, context, signal } = call;
  await context.scopes.require(operation.scope, operation.id, signal);
  const decision = await consent.decide(actOf(operation), body, confirmation, call);
  if (decision.kind === 'prepared') return { facts: decision.facts };
  return consent.carryOut(operation, decision, (terms) =>
    answerOf(operation, body, view, call, { ...terms, patienceMs: PATIENCE_MS }),
  );
}
