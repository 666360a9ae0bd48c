import {
  type RecoveryRounds,
  type RoundsOptions,
  startRounds,
} from '../transfer/records/recovery_rounds.ts';
import type { WorkflowLog } from './context.ts';
import type { SessionRecord } from './session_record.ts';

export type { RecoveryRounds };

export interface RecoveryRoundsOptions
  extends Omit<RoundsOptions<SessionRecord>, 'keyOf' | 'what' | 'log'> {
  readonly log: WorkflowLog;
}

/** Looks for sessions that were left behind, at once and then from time to time, until it is stopped. */
export function startRecoveryRounds(options: RecoveryRoundsOptions): RecoveryRounds {
  const keyOf = ({ idempotencyKey }: SessionRecord) => idempotencyKey;
  return startRounds({ ...options, keyOf, what: 'upload sessions' });
}
