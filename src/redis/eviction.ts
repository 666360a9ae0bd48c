import type { WorkflowLog } from '../workflows/context.ts';
import type { SharedRedis } from './open_redis.ts';

/** A Redis that is full refuses to take more, which is noticed; any other policy forgets what it holds. */
const SAFE = 'noeviction';

/**
 * Warns if Redis may evict what it was told: a heartbeat by which a server counts as alive, or the note of a
 * reservation. Throws `SharedStateAway`.
 */
export async function warnOfEviction(redis: SharedRedis, log: WorkflowLog): Promise<void> {
  // Not every user of a Redis may ask this.
  const facts = await redis.run((client) => client.info('memory').catch(() => ''));
  const policy = /^maxmemory_policy:(\S+)/m.exec(facts)?.[1];
  if (policy === undefined || policy === SAFE) return;
  log.warn(
    { policy },
    'Redis may evict heartbeats and notes of reservations: set maxmemory-policy to noeviction',
  );
}
