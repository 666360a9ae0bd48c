import { errnoOf } from './disk_problem.ts';
import { SOCKET_RULES, type SocketRule } from './retry_policy.ts';
import { type Outcome, TransferError } from './transfer_error.ts';

const UNLISTED: SocketRule = { code: 'storage_unavailable', outcome: 'fatal' };

const WORDS: Readonly<Record<string, string>> = {
  connection_lost: 'the connection to storage was lost',
  storage_refused: 'the signed request is not one that HTTP allows',
  storage_unavailable: 'storage could not be reached',
  stalled: 'storage did not answer in time',
};

/** undici's parser error, which mostly comes without its code. */
const BROKEN_PROTOCOL = 'HTTPParserError';

function socketCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) {
    return undefined;
  }
  // fetch and its kin hide the socket's error in the cause of their own.
  return error.name === BROKEN_PROTOCOL
    ? BROKEN_PROTOCOL
    : (errnoOf(error) ?? errnoOf(error.cause));
}

/** What is known of a connection that failed. */
export interface FailedConnection {
  /** The host has answered some request before. */
  readonly answeredBefore?: boolean;
  /** It was an idle one, kept from an earlier request, and it failed before any answer. */
  readonly idle?: boolean;
}

/** What a failed connection means. An error that is no connection's is returned as it came. */
export function connectionProblem(
  error: unknown,
  bytesTransferred: number,
  { answeredBefore = false, idle = false }: FailedConnection = {},
): unknown {
  const code = socketCodeOf(error);
  if (error instanceof TransferError || code === undefined) {
    return error;
  }
  const rule = SOCKET_RULES.get(code) ?? UNLISTED;
  return new TransferError({
    code: rule.code,
    outcome: outcomeOf(rule, answeredBefore, idle),
    message: `${WORDS[rule.code]} (${code}).`,
    bytesTransferred,
    cause: error,
  });
}

function outcomeOf(rule: SocketRule, answeredBefore: boolean, idle: boolean): Outcome {
  if (rule.onlyOnceAnswered === true && !answeredBefore) {
    return 'fatal';
  }
  return idle && rule.code === 'connection_lost' ? 'idle_closed' : rule.outcome;
}

/** What came is not HTTP, or not all of it: where the answer ends cannot be trusted. */
export function brokenAnswer(why: string): TransferError {
  const { code, outcome } = SOCKET_RULES.get(BROKEN_PROTOCOL) ?? UNLISTED;
  return new TransferError({
    code,
    outcome,
    message: `storage's answer does not follow HTTP: ${why}.`,
  });
}

/** No byte moved for the whole stall window. */
export function stalled(windowMs: number, bytesTransferred: number): TransferError {
  return new TransferError({
    code: 'stalled',
    outcome: 'transient',
    message: `nothing moved for ${Math.round(windowMs / 1000)} s.`,
    bytesTransferred,
  });
}
