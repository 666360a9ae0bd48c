import { type RecoveryRounds, startRounds } from '../../transfer/records/recovery_rounds.ts';
import { type StagedRecord, stagedKey } from './staged_record.ts';
import type { StagedRecoveryOptions } from './staged_recovery.ts';

/**
 * Cleans up, beside the calls, the uploads to services that earlier processes left. What does it is loaded
 * when there is a record.
 */
export function recoverStagedUploads(
  options: Pick<StagedRecoveryOptions, 'folder' | 'services' | 'engine' | 'log'>,
): RecoveryRounds {
  const { folder, engine, log } = options;
  return startRounds<StagedRecord>({
    folder,
    async sweep(skips, signal) {
      const { cleanLeftStaged } = await import('./staged_recovery.ts');
      return (await cleanLeftStaged({ ...options, skips, signal })).recovered;
    },
    keyOf: stagedKey,
    what: 'uploads to services',
    clock: engine.clock,
    log,
  });
}
