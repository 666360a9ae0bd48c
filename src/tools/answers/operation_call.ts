import type { CallTerms } from '../../geopera/client.ts';
import type { Operation } from '../../operations/operation.ts';
import type { OfferedCall } from '../tool.ts';

/** What of an answer is wanted, and where it is to go. */
export interface AnswerView {
  /** Records (of a list), lines (of NDJSON) or characters (of text) to pass over; 0 for none. */
  readonly skip: number;
  /** Dotted path of the member that is wanted alone, e.g. `geometry.coordinates`; `skip` then counts in it. */
  readonly part?: string | undefined;
  /** A file of this machine that is to hold the whole answer instead; judged against `call.folders()`. */
  readonly saveTo?: string | undefined;
  readonly overwrite?: boolean | undefined;
}

/** One call of an operation: all that its answer depends on. */
export interface OperationCall {
  readonly operation: Operation;
  /** As the operation's model parsed it. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly view: AnswerView;
  readonly call: OfferedCall;
  readonly terms: CallTerms;
}

/** A call may be made again for more of its answer only if it does nothing but read. */
export function mayAskAgain({ operation }: Pick<OperationCall, 'operation'>): boolean {
  return operation.effect === 'read';
}
