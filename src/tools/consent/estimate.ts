import { withDeadline } from '../../geopera/deadline.ts';
import { plainText } from '../../geopera/plain_text.ts';
import { operationById } from '../../operations/catalogue.ts';
import type { Operation } from '../../operations/operation.ts';
import { explain } from '../explain.ts';
import type { AskingCall } from './asking_call.ts';
import { membersInWords } from './members_in_words.ts';

const MAX_ESTIMATE_CHARS = 1_000;
/** A person waits for the question meanwhile, and a client hears nothing. */
const MOST_SECONDS = 10;
const TERMS = { patienceMs: 5_000 };

/**
 * What a spend would cost, by the operation that estimates it, in words; undefined where none does.
 * An estimate that fails says why: it is for the user to decide without it.
 */
export async function estimateInWords(
  { estimate }: Operation,
  input: Readonly<Record<string, unknown>>,
  call: AskingCall,
): Promise<string | undefined> {
  const estimating = estimate && operationById(estimate.operation);
  if (estimate === undefined || estimating === undefined) return undefined;
  try {
    const body = estimating.input.parse(estimate.body(input));
    const answer = await withDeadline(estimating.id, MOST_SECONDS, call.signal, (signal) =>
      call.context.geopera.callUntyped(estimating, body, signal, TERMS),
    );
    const figures = membersInWords(answer, MAX_ESTIMATE_CHARS);
    return `Estimate by ${estimating.id}: ${figures}`;
  } catch (failure) {
    call.signal.throwIfAborted();
    return `There is no estimate: ${plainText(explain(failure).what, MAX_ESTIMATE_CHARS)}`;
  }
}
