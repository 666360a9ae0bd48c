import { randomBytes } from 'node:crypto';
import { SharedStateAway } from '../jobs/shared_state_away.ts';
import type { Clock } from '../transfer/clock.ts';
import type { SharedRedis } from './open_redis.ts';

const BEAT_EVERY_MS = 3_000;
/** So long after its last beat a replica is gone. */
export const LIVES_MS = 10_000;
/** So long after a beat nobody can take this replica for gone, nor within the time that one call takes then. */
const SURE_MS = LIVES_MS / 2;
/** How long an end waits for Redis, and how often it looks. */
const CONFIRM_MS = 5 * 60_000;
const CONFIRM_EVERY_MS = 500;

/** This process among those that share a Redis. */
export interface Replica {
  /** Random: a process that starts again is another replica. */
  readonly id: string;
  /**
   * Whether its beats are missing; false as long as they may be because Redis was away or forgot them, or
   * because the machine slept, for this replica or for the other. Throws `SharedStateAway`.
   */
  isGone(replicaId: string): Promise<boolean>;
  /** Calls back when Redis has forgotten what it was told: what only this replica knows is to be told anew. */
  onForgotten(tellAnew: () => void): void;
  /**
   * What `look` answers at a moment when nobody can take this replica for gone: nothing of what it has in
   * hand is taken from it then, nor right after. While Redis is away: true as long as that may still be
   * so, else it is waited for; false if in vain. Rejects with the signal's reason.
   */
  confirm(look: () => Promise<boolean>, signal: AbortSignal): Promise<boolean>;
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

  /** When a beat of this replica itself was found missing: others' may be missing for the same reason. */
  let missedAt = clock.now();
  const tellers = new Set<() => void>();
  let beaten = moment(clock);

  async function beat(): Promise<void> {
    const asked = moment(clock);
    const options = { PX: LIVES_MS, GET: true } as const;
    const before = await redis.run((client) => client.set(heartbeatKey(id), '1', options));
    beaten = asked;
    if (before !== null) return;
    missedAt = clock.now();
    for (const tellAnew of tellers) tellAnew();
  }

  async function beatOn(): Promise<void> {
    while (!left.signal.aborted) {
      // Rejects only at the end.
      await clock.wait(BEAT_EVERY_MS, left.signal).catch(() => undefined);
      // Whoever looks while Redis was away does not judge by that.
      if (!left.signal.aborted) await beat().catch(() => undefined);
    }
  }

  async function isGone(replicaId: string): Promise<boolean> {
    const keys = [heartbeatKey(id), heartbeatKey(replicaId)];
    const [mine, theirs] = await redis.run((client) => client.mGet(keys));
    if (mine === null) missedAt = clock.now();
    const unbroken = Math.min(redis.connectedFor(), clock.now() - missedAt);
    return unbroken > LIVES_MS && theirs === null;
  }

  async function confirm(look: () => Promise<boolean>, signal: AbortSignal): Promise<boolean> {
    const until = clock.now() + CONFIRM_MS;
    for (;;) {
      signal.throwIfAborted();
      const found = await beat().then(look).catch(nothingWhileAway);
      // This process may have slept since it asked.
      if (msSince(beaten, clock) < SURE_MS) return found ?? true;
      if (clock.now() >= until) return false;
      await clock.wait(CONFIRM_EVERY_MS, signal);
    }
  }

  await beat();
  void beatOn();
  return {
    id,
    isGone,
    confirm,
    onForgotten: (tellAnew) => void tellers.add(tellAnew),
    heartbeatKey,
    async leave() {
      left.abort();
      await redis.run((client) => client.del(heartbeatKey(id))).catch(() => undefined);
    },
  };
}

/** A point in time by two clocks: one stands still while the machine sleeps, the other may be put back. */
interface Moment {
  readonly steady: number;
  readonly wall: number;
}

function moment(clock: Clock): Moment {
  return { steady: performance.now(), wall: clock.now() };
}

function msSince({ steady, wall }: Moment, clock: Clock): number {
  return Math.max(performance.now() - steady, clock.now() - wall);
}

function nothingWhileAway(failure: unknown): undefined {
  if (!(failure instanceof SharedStateAway)) throw failure;
  return undefined;
}
