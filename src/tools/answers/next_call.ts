import { jsonBytes } from './json_size.ts';
import type { OperationCall } from './operation_call.ts';
import { askingTool } from './save_words.ts';

/** A call of a tool of this server, to be made as it stands. */
export interface NextCall {
  readonly tool: string;
  readonly arguments: {
    readonly operation: string;
    readonly arguments: Readonly<Record<string, unknown>>;
    readonly skip?: number;
    readonly part?: string;
  };
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

/** The same call with another view. */
export function nextCall(asked: OperationCall, change: CallChange): NextCall {
  const { operation, body, view } = asked;
  const { skip = 0, part } = change;
  const isLong = jsonBytes(body) > MOST_ARGUMENT_BYTES;
  const says = [
    ...(isLong ? ['Beside these, give the same arguments as before.'] : []),
    ...(view.saveTo === undefined ? [] : ['Give it a path of its own.']),
  ].join(' ');
  return {
    tool: askingTool(asked),
    arguments: {
      operation: operation.id,
      arguments: isLong ? { ...change.body } : { ...body, ...change.body },
      ...(skip > 0 && { skip }),
      ...(part !== undefined && { part }),
    },
    ...(says !== '' && { says }),
  };
}
