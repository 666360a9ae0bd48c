import { InvalidArguments } from '../arguments.ts';
import { CALLER_OF } from '../operations/caller_of.ts';
import type { OperationCall } from './operation_call.ts';
import { ANSWER_SAVER } from './save_words.ts';

/** What of an answer was asked for does not fit the answer that came: told as an argument that does not fit. */
export function badView({ operation, view }: OperationCall, fault: string): InvalidArguments {
  // No tool of a single operation lets a part be asked for.
  const tool = view.saveTo === undefined ? CALLER_OF[operation.effect] : ANSWER_SAVER;
  return new InvalidArguments(tool, [fault]);
}
