import { errnoOf } from './disk_problem.ts';
import { SOCKET_RULES } from './retry_policy.ts';
import { TransferError } from './transfer_error.ts';

const WORDS: Readonly<Record<string, string>> = {
  connection_lost: 'the connection to storage was lost',
  storage_refused: 'the signed request is not one that HTTP allows',
  storage_unavailable: 'storage could not be reached',
  stalled: 'storage did not answer in time',
};

/** What a failed connection means. An error that is no connection's is returned as it came. */
export function connectionProblem(error: unknown, bytesTransferred: number): unknown {
  // fetch and its kin hide the socket's error in the cause of their own.
  const errno = errnoOf(error) ?? errnoOf(error instanceof Error ? error.cause : undefined);
  if (error instanceof TransferError || errno === undefined) {
    return error;
  }
  // A broken or foreign protocol on the line: llhttp names each of its findings HPE_….
  const rule = SOCKET_RULES.get(errno) ?? {
    code: 'storage_unavailable',
    outcome: errno.startsWith('HPE_') ? 'transient' : 'fatal',
  };
  return new TransferError({
    code: rule.code,
    outcome: rule.outcome,
    message: `${WORDS[rule.code]} (${errno}).`,
    bytesTransferred,
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
