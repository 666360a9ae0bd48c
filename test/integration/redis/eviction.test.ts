import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { warnOfEviction } from '../../../src/redis/eviction.ts';
import type { WorkflowLog } from '../../../src/workflows/context.ts';
import { needsRedis, type RedisServer, startRedis } from './redis_server.ts';
import { startReplica, type TestReplica } from './replicas.ts';

describe.skipIf(needsRedis !== '')(`a Redis that is full${needsRedis}`, () => {
  let server: RedisServer;
  let replica: TestReplica;

  beforeEach(async () => {
    server = await startRedis();
    replica = await startReplica(server);
  });

  afterEach(async () => {
    await replica.close();
    await server.close();
  });

  async function warnings(): Promise<readonly unknown[]> {
    const warned: unknown[] = [];
    const log: WorkflowLog = {
      info: () => undefined,
      warn: (facts) => void warned.push(facts),
      error: () => undefined,
    };
    await warnOfEviction(replica.redis, log);
    return warned;
  }

  it.each([
    ['noeviction', []],
    ['allkeys-lru', [{ policy: 'allkeys-lru' }]],
    ['volatile-ttl', [{ policy: 'volatile-ttl' }]],
  ])('is warned of if it forgets what it was told: %s', async (policy, told) => {
    await replica.redis.run((client) => client.configSet('maxmemory-policy', policy));
    expect(await warnings()).toEqual(told);
  });

  it('is not warned of where its policy may not be asked for', async () => {
    await replica.redis.run((client) => client.sendCommand(['ACL', 'SETUSER', 'default', '-info']));
    expect(await warnings()).toEqual([]);
    expect(replica.lines).toEqual([]);
  });
});
