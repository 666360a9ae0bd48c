import type { OutcomeCodec } from '../../../src/jobs/outcome_codec.ts';
import { openRedis, type SharedRedis } from '../../../src/redis/open_redis.ts';
import { joinReplicas, LIVES_MS, type Replica } from '../../../src/redis/replica.ts';
import { createSharedJobs, type SharedJobs } from '../../../src/redis/shared_jobs.ts';
import {
  createSharedSessions,
  type SharedSessions,
} from '../../../src/redis/shared_sessions_journal.ts';
import { type Clock, systemClock } from '../../../src/transfer/clock.ts';
import type { WorkflowLog } from '../../../src/workflows/context.ts';
import type { RedisServer } from './redis_server.ts';

/** Results are words, and so are errors. */
const words: OutcomeCodec<string> = {
  write: (outcome) =>
    outcome.state === 'completed' ? outcome : { ...outcome, error: String(outcome.error) },
  read(json) {
    if (typeof json === 'object' && json !== null && 'result' in json) {
      return { state: 'completed', result: String(json.result) };
    }
    const error = typeof json === 'object' && json !== null && 'error' in json && json.error;
    const cancelled = typeof json === 'object' && json !== null && 'state' in json && json.state;
    return { state: cancelled === 'cancelled' ? 'cancelled' : 'failed', error };
  },
};

export interface ReplicaOptions {
  readonly mostRunning?: number;
  readonly onLost?: (owner: string) => void;
}

/** One of several servers in this process. */
export interface TestReplica<Result = string> {
  readonly redis: SharedRedis;
  readonly replica: Replica;
  readonly jobs: SharedJobs<Result>;
  readonly sessions: SharedSessions;
  /** What it logged. */
  readonly lines: readonly string[];
  /** Its clock goes forward until it may judge whether others are alive. */
  grow(): void;
  /** As if its process had been killed: its heart stops, and it notes nothing any more. */
  die(): Promise<void>;
  close(): Promise<void>;
}

export function startReplica(
  server: RedisServer,
  options: ReplicaOptions = {},
): Promise<TestReplica> {
  return startReplicaOf(words, server, options);
}

/** One whose transfers have other results than words. */
export async function startReplicaOf<Result>(
  codec: OutcomeCodec<Result>,
  server: RedisServer,
  options: ReplicaOptions = {},
): Promise<TestReplica<Result>> {
  const lines: string[] = [];
  const keep = (facts: object, message: string) =>
    void lines.push(`${message} ${JSON.stringify(facts)}`);
  const log: WorkflowLog = { info: keep, warn: keep, error: keep };
  let ahead = 0;
  const clock: Clock = { now: () => Date.now() + ahead, wait: systemClock.wait };
  const redis = await openRedis({ url: server.url, log, clock });
  const replica = await joinReplicas(redis, clock);
  const jobs = createSharedJobs({ redis, replica, clock, codec, ...options });
  return {
    redis,
    replica,
    jobs,
    sessions: createSharedSessions({ redis, replica, log }),
    lines,
    grow() {
      ahead += LIVES_MS + 1;
    },
    async die() {
      jobs.close();
      await replica.leave();
    },
    async close() {
      jobs.close();
      await replica.leave();
      await redis.close();
    },
  };
}
