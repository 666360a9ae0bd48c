import type { OfferedCall, ToolAnswer } from '../tool.ts';

/** Something that a tool does at a service, which the user may have to be asked of. */
export interface ServiceAct {
  /** As the tool's id, with a dot. */
  readonly id: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** What the user is asked; nothing if absent. */
  readonly question: string | undefined;
  /** As an earlier call answered it. */
  readonly confirmation: string | undefined;
}

/** Does it, once the user agreed where they are to be asked; else answers what was not done, and how it is. */
export async function withConsent(
  { id, input, question, confirmation }: ServiceAct,
  call: OfferedCall,
  work: () => Promise<ToolAnswer>,
): Promise<ToolAnswer> {
  const asksFirst = question !== undefined;
  const asked = { id, asksFirst, idempotencyKey: false, inWords: () => question ?? id };
  const decision = await call.consent.decide(asked, input, confirmation, call);
  return decision.kind === 'prepared' ? { facts: decision.facts } : work();
}
