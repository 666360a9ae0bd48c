import type { SessionPlace } from '../context.ts';
import type { WorkflowContext } from '../workflows/context.ts';
import { type CrashedSessionRequest, releaseCrashedSession } from '../workflows/crashed_session.ts';
import { type RecoveryRounds, startRecoveryRounds } from '../workflows/recovery_rounds.ts';

/** Releases, beside the calls, the upload sessions that earlier servers left open. */
export function recoverLeftSessions(
  { folder, account }: SessionPlace,
  context: WorkflowContext,
): RecoveryRounds {
  const { engine, log } = context;
  const release = (request: CrashedSessionRequest) => releaseCrashedSession(request, context);
  return startRecoveryRounds({
    folder,
    clock: engine.clock,
    log,
    async sweep(skips, signal) {
      const { releaseLeftSessions } = await import('../workflows/recovery.ts');
      const options = { folder, account: account(), release, skips, log, signal };
      return (await releaseLeftSessions(options)).recovered;
    },
  });
}
