import { callingTool } from '../operations/calling_tool.ts';
import { toolName } from '../tool_name.ts';
import { jsonBytes } from './json_size.ts';
import type { OperationCall } from './operation_call.ts';
import { ANSWER_SAVER } from './save_words.ts';

/** A call of a tool of this server, to be made as it stands. */
export interface NextCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly says?: string;
}

/** Arguments longer than this (an outline of many points) are not said again. */
const MOST_ARGUMENT_BYTES = 4_000;

/** In what a call differs from the one before. */
export interface CallChange {
  /** Fields of the operation's input. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  readonly skip?: number | undefined;
  readonly part?: string | undefined;
}

/** The same call with another view; undefined where no tool that is offered can make it. */
export function nextCall(asked: OperationCall, change: CallChange): NextCall | undefined {
  const { operation, body, view, call } = asked;
  const { skip = 0, part } = change;
  const tool = view.saveTo === undefined ? callingTool(operation, call) : ANSWER_SAVER;
  const isOwn = tool === toolName(operation.id);
  // The tool of one operation has its fields alone.
  if (tool === undefined || (isOwn && (skip > 0 || part !== undefined))) return undefined;
  const isLong = jsonBytes(body) > MOST_ARGUMENT_BYTES;
  const fields = isLong ? { ...change.body } : { ...body, ...change.body };
  const says = [
    ...(isLong ? ['Beside these, give the same arguments as before.'] : []),
    ...(view.saveTo === undefined ? [] : ['Give it a path of its own.']),
  ].join(' ');
  return {
    tool,
    arguments: isOwn
      ? fields
      : {
          operation: operation.id,
          arguments: fields,
          ...(skip > 0 && { skip }),
          ...(part !== undefined && { part }),
        },
    ...(says !== '' && { says }),
  };
}
