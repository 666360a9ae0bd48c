import type { Config } from '../config.ts';
import { type Account, lateSessionJournal, type ProcessWorld, sessionPlace } from '../context.ts';
import { createTransferJobs, type TransferJobsOptions } from '../jobs/transfer_jobs.ts';
import { processKey } from '../tools/consent/consent.ts';
import { ConsentMemory } from '../tools/consent/consent_memory.ts';
import { EventMemory } from '../transports/http/events/event_memory.ts';
import { MemoryEvents } from '../transports/http/events/memory_events.ts';
import { noSessionRecords } from '../transports/http/session_records.ts';
import { type CrashedSessionRequest, releaseCrashedSession } from '../workflows/crashed_session.ts';
import { releaseLeftSessions } from '../workflows/recovery.ts';
import type { Kept } from './http_kept.ts';

/** In memory, and upload sessions in the state folder. */
export function keptHere(
  config: Config,
  account: Account,
  { log, clock }: ProcessWorld,
  options: TransferJobsOptions,
): Kept {
  const memory = new EventMemory();
  const placeOf = (token: string) => sessionPlace(config, { ...account, token });
  return {
    jobs: createTransferJobs(clock, options),
    events: (sessionId) => new MemoryEvents(sessionId, undefined, memory),
    records: noSessionRecords,
    journal: (token) => lateSessionJournal(placeOf(token), log),
    async sweep(owner, token, context, signal) {
      const place = placeOf(token);
      if (place === undefined) return;
      const release = (request: CrashedSessionRequest) => releaseCrashedSession(request, context);
      const isAwaited = (uploadId: string) => context.links.isAwaited({ owner, uploadId });
      const options = { folder: place.folder, account: place.account(), log, signal };
      await releaseLeftSessions({ ...options, release, isAwaited });
    },
    confirmationKey: processKey(),
    consent: new ConsentMemory(clock.now),
    check: async () => undefined,
    close: async () => undefined,
  };
}
