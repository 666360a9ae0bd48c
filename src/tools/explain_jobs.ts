import { SessionTakenOver } from '../connectors/session_taken_over.ts';
import { ReplicaLost } from '../jobs/replica_lost.ts';
import { SharedStateAway } from '../jobs/shared_state_away.ts';
import { TooManyTransfers } from '../jobs/too_many_transfers.ts';
import { TransferForgotten } from '../jobs/transfer_forgotten.ts';
import type { Explanation } from './explanation.ts';
import { SharedFailure } from './shared_failure.ts';

/** Words for what transfers meet whatever they move; undefined for other errors. */
export function explainJobs(error: unknown): Explanation | undefined {
  if (error instanceof TooManyTransfers) return explainTooMany(error);
  if (error instanceof SharedFailure) return error.explanation;
  if (error instanceof ReplicaLost) return LOST;
  if (error instanceof TransferForgotten) return FORGOTTEN;
  if (error instanceof SessionTakenOver) return TAKEN_OVER;
  if (error instanceof SharedStateAway) return AWAY;
  return undefined;
}

function explainTooMany({ most }: TooManyTransfers): Explanation {
  return {
    code: 'too_many_transfers',
    what: `${most} transfers are under way already, and no more may be at a time. Nothing was started.`,
    next: 'Wait for one of them with transfer_status (without a transfer_id it lists them), or stop one with transfer_cancel; then call again.',
    retryable: true,
  };
}

const LOST: Explanation = {
  code: 'replica_lost',
  what: 'The server that ran this transfer is gone, and the transfer with it. Storage that an upload had reserved is released beside your next calls, within two minutes.',
  next: 'Call again. If it was an upload that may have been at its end, look with items.list first.',
  retryable: true,
};

const FORGOTTEN: Explanation = {
  code: 'transfer_forgotten',
  what: 'The servers of this service lost what they shared, and this transfer with it: it is not known how it ended.',
  next: 'If it was an upload, look with items.list whether it arrived; call again if it did not.',
  retryable: true,
};

const TAKEN_OVER: Explanation = {
  code: 'session_taken_over',
  what: 'The server that sent the files could not be seen for so long that it was taken for gone, so the upload was not completed.',
  next: 'See with transfer_status whether it was begun again since; if not, call again.',
  retryable: true,
};

const AWAY: Explanation = {
  code: 'shared_state_away',
  what: 'The servers of this service cannot reach what they share, so nothing that they have to agree on can be started or looked up just now: no transfer, and no spend. Transfers that run go on.',
  next: 'Call again in a minute.',
  retryable: true,
};
