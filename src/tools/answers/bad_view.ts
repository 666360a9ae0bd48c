import { InvalidArguments } from '../arguments.ts';
import { CALLER_OF } from '../operations/caller_of.ts';
import type { OperationCall } from './operation_call.ts';

/** What of an answer was asked for does not fit the answer that came: told as an argument that does not fit. */
export function badView({ operation }: OperationCall, fault: string): InvalidArguments {
  return new InvalidArguments(CALLER_OF[operation.effect], [fault]);
}
