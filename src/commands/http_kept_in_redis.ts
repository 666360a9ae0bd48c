import type { Config } from '../config.ts';
import type { Account, ProcessWorld } from '../context.ts';
import { accountFingerprint } from '../geopera/account_fingerprint.ts';
import type { TransferJobsOptions } from '../jobs/transfer_jobs.ts';
import { warnOfEviction } from '../redis/eviction.ts';
import type { SharedJobsWorld } from '../redis/job_store.ts';
import { openRedis, type SharedRedis } from '../redis/open_redis.ts';
import { joinReplicas } from '../redis/replica.ts';
import { sharedConfirmationKey } from '../redis/shared_confirmation_key.ts';
import { createSharedConsentRecords } from '../redis/shared_consent_records.ts';
import { createSharedJobs } from '../redis/shared_jobs.ts';
import { createSharedLinkRecords } from '../redis/shared_link_records.ts';
import { createSharedPresence } from '../redis/shared_presence.ts';
import { createSharedSessionRecords } from '../redis/shared_session_records.ts';
import { createSharedSessions } from '../redis/shared_sessions_journal.ts';
import { sharedOutcomes } from '../tools/shared_outcome.ts';
import { RedisEvents } from '../transports/http/events/redis_events.ts';
import type { RateStore } from '../transports/http/gates/rate_gate.ts';
import { type CrashedSessionRequest, releaseCrashedSession } from '../workflows/crashed_session.ts';
import type { Kept } from './http_kept.ts';

/** In a Redis that replicas share. Throws `SharedStateAway` if it cannot be reached. */
export async function keptInRedis(
  url: string,
  config: Config,
  account: Account,
  { log, clock }: ProcessWorld,
  options: TransferJobsOptions & Pick<SharedJobsWorld<unknown>, 'onLost'>,
): Promise<Kept> {
  const redis = await openRedis({ url, log, clock });
  await warnOfEviction(redis, log);
  const replica = await joinReplicas(redis, clock);
  const jobs = createSharedJobs({ ...options, redis, replica, codec: sharedOutcomes, clock });
  const sessions = createSharedSessions({ redis, replica, log });
  const idleMs = config.sessionIdleSeconds * 1000;
  const accountOf = (token: string) => ({
    api: account.lastingName ?? account.apiUrl,
    fingerprint: accountFingerprint(token),
  });
  return {
    jobs,
    events: (sessionId) =>
      new RedisEvents({
        sessionId,
        redis,
        replicas: replica,
        clock,
        keptMs: idleMs,
        warn: ({ message }) => log.warn({}, message),
      }),
    records: createSharedSessionRecords({ redis, idleMs }),
    journal: (token) => sessions.journal(accountOf(token)),
    sweep: (owner, token, context) =>
      sessions.releaseLeft(
        accountOf(token),
        (request: CrashedSessionRequest) => releaseCrashedSession(request, context),
        (uploadId) => context.links.isAwaited({ owner, uploadId }),
      ),
    links: createSharedLinkRecords({ redis, replica, clock, log }),
    presence: createSharedPresence(redis, config.ownerGoneSeconds * 1000),
    rates: rateStore(redis),
    confirmationKey: () => sharedConfirmationKey(redis),
    consent: createSharedConsentRecords(redis),
    check: () => redis.check(),
    async close() {
      jobs.close();
      await replica.leave();
      await redis.close();
    },
  };
}

function rateStore(redis: SharedRedis): RateStore {
  return {
    get isReady() {
      return redis.connectedFor() > 0;
    },
    eval: (script, options) => redis.run((client) => client.eval(script, options)),
  };
}
