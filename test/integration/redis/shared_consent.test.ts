import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { SharedStateAway } from '../../../src/jobs/shared_state_away.ts';
import { openRedis } from '../../../src/redis/open_redis.ts';
import { sharedConfirmationKey } from '../../../src/redis/shared_confirmation_key.ts';
import { createSharedConsentRecords } from '../../../src/redis/shared_consent_records.ts';
import type { ConsentRecords } from '../../../src/tools/consent/consent_records.ts';
import { systemClock } from '../../../src/transfer/clock.ts';
import { dumpRedis } from './redis_dump.ts';
import { needsRedis, type RedisServer, startRedis } from './redis_server.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe.skipIf(needsRedis !== '')(`what users agreed to, in Redis${needsRedis}`, () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.close());

  async function connect() {
    const redis = await openRedis({ url: server.url, log: silent, clock: systemClock });
    onTestFinished(() => redis.close());
    return redis;
  }

  /** As many servers as there are. */
  async function replicas(count: number): Promise<ConsentRecords[]> {
    const open = async () => createSharedConsentRecords(await connect());
    return Promise.all(Array.from({ length: count }, open));
  }

  it('is signed with one key, whoever needs it first', async () => {
    const connections = await Promise.all([connect(), connect(), connect()]);
    const keys = await Promise.all(connections.map(sharedConfirmationKey));
    const [first] = keys;
    expect(first).toHaveLength(32);
    for (const key of keys) expect(key).toEqual(first);
  });

  it('counts once among all, also if it comes to all at once', async () => {
    const all = await replicas(3);
    const id = randomUUID();
    const counted = await Promise.all([...all, ...all].map((one) => one.use(id, 300)));
    expect(counted.filter(Boolean)).toHaveLength(1);
    for (const one of all) expect(await one.use(id, 300)).toBe(false);
    expect(await all[0]?.use(randomUUID(), 300)).toBe(true);
  });

  it('is one spend among all while its fate is open', async () => {
    const [here, there] = await replicas(2);
    if (here === undefined || there === undefined) throw new Error('there are two');
    const name = randomUUID();
    expect(await here.openSpend(name)).toBeUndefined();
    const begun = await Promise.all([
      here.beginSpend(name, 'one', 60),
      there.beginSpend(name, 'other', 60),
    ]);
    expect(new Set(begun.map((it) => it.key)).size).toBe(1);
    expect(begun.map(({ isFirst }) => isFirst).sort()).toEqual([false, true]);
    const [{ key }] = begun;
    expect(await there.openSpend(name)).toBe(key);
    expect(await there.openSpend(randomUUID())).toBeUndefined();

    await there.endSpend(name, 'of an earlier spend');
    expect(await here.openSpend(name)).toBe(key);
    await there.endSpend(name, key);
    expect(await here.openSpend(name)).toBeUndefined();
    const next = { key: 'next', isFirst: true };
    expect(await here.beginSpend(name, 'next', 60)).toEqual(next);
    expect(await there.beginSpend(name, 'next', 60)).toEqual({ ...next, isFirst: false });
  });

  it('is kept for a time, under names that say nothing', async () => {
    const [here] = await replicas(1);
    const id = randomUUID();
    await here?.use(id, 300);
    await here?.beginSpend('spend of ana', 'key of the spend', 600);
    const held = await dumpRedis(server);
    expect(held).not.toContain(id);
    expect(held).not.toContain('ana');
    const redis = await connect();
    const lives = await redis.run(async (client) => {
      const keys = await client.keys('geopera-mcp:consent:*');
      return Promise.all(keys.map((key) => client.ttl(key)));
    });
    expect(lives.length).toBeGreaterThan(1);
    for (const seconds of lives) {
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(600);
    }
  });

  describe('that is away', () => {
    afterEach(() => server.start());

    it('lets nothing pass', async () => {
      const redis = await connect();
      const records = createSharedConsentRecords(redis);
      await server.kill();
      const asked = [
        () => sharedConfirmationKey(redis),
        () => records.use(randomUUID(), 300),
        () => records.openSpend('name'),
        () => records.beginSpend('name', 'key', 60),
      ];
      for (const ask of asked) await expect(ask()).rejects.toThrow(SharedStateAway);
    });
  });
});
