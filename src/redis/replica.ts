import { randomBytes } from 'node:crypto';
import type { Clock } from '../transfer/clock.ts';
import type { SharedRedis } from './open_redis.ts';

const BEAT_EVERY_MS = 3_000;
/** So long after its last beat a replica is gone. */
export const LIVES_MS = 10_000;

/** This process among those that share a Redis. */
export interface Replica {
  /** Random: a process that starts again is another replica. */
  readonly id: string;
  /** Throws `SharedStateAway`. */
  isAlive(replicaId: string): Promise<boolean>;
  /**
   * As the opposite of `isAlive`, but false as long as beats may be missing because Redis was away, for
   * this replica or for the other. Throws `SharedStateAway`.
   */
  isGone(replicaId: string): Promise<boolean>;
  /** The key that is there while the replica is alive, for scripts. */
  heartbeatKey(replicaId: string): string;
  /** Ends the beats, and says so. */
  leave(): Promise<void>;
}

/** Begins to say that this process is alive. Throws `SharedStateAway`. */
export async function joinReplicas(redis: SharedRedis, clock: Clock): Promise<Replica> {
  const id = randomBytes(12).toString('base64url');
  const heartbeatKey = (replicaId: string) => redis.key('replica', replicaId);
  const left = new AbortController();

  const beat = () => redis.run((client) => client.set(heartbeatKey(id), '1', { PX: LIVES_MS }));

  async function beatOn(): Promise<void> {
    while (!left.signal.aborted) {
      // Rejects only at the end.
      await clock.wait(BEAT_EVERY_MS, left.signal).catch(() => undefined);
      // Whoever looks while Redis was away does not judge by that.
      if (!left.signal.aborted) await beat().catch(() => undefined);
    }
  }

  async function isAlive(replicaId: string): Promise<boolean> {
    return (await redis.run((client) => client.exists(heartbeatKey(replicaId)))) === 1;
  }

  await beat();
  void beatOn();
  return {
    id,
    isAlive,
    isGone: async (replicaId) => redis.connectedFor() > LIVES_MS && !(await isAlive(replicaId)),
    heartbeatKey,
    async leave() {
      left.abort();
      await redis.run((client) => client.del(heartbeatKey(id))).catch(() => undefined);
    },
  };
}
