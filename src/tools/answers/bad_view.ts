import { InvalidArguments } from '../arguments.ts';
import type { OperationCall } from './operation_call.ts';
import { askingTool } from './save_words.ts';

/** What of an answer was asked for does not fit the answer that came: told as an argument that does not fit. */
export function badView(asked: OperationCall, fault: string): InvalidArguments {
  return new InvalidArguments(askingTool(asked), [fault]);
}
