import type { Operation } from '../../operations/operation.ts';
import type { OfferedCall } from '../tool.ts';
import { toolName } from '../tool_name.ts';
import { CALLER_OF } from './caller_of.ts';

/** What is offered to whoever asks. */
export type Offered = Pick<OfferedCall, 'selection' | 'offers'>;

/** The tool by which an operation can be called here: the caller of its effect, or its own; undefined if none. */
export function callingTool(
  operation: Operation,
  { selection, offers }: Offered,
): string | undefined {
  if (!selection.reaches(operation)) return undefined;
  return [CALLER_OF[operation.effect], toolName(operation.id)].find(offers);
}
