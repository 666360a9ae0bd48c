import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchOwners } from '../../../src/jobs/owner_presence.ts';
import { createSharedPresence } from '../../../src/redis/shared_presence.ts';
import { held, request } from '../../unit/jobs/held_transfers.ts';
import { ManualClock } from '../../unit/jobs/manual_clock.ts';
import { needsRedis, type RedisServer, startRedis } from './redis_server.ts';
import { startReplica, type TestReplica } from './replicas.ts';

const GONE_AFTER_MS = 60_000;
const eventually = (look: () => void | Promise<void>) => vi.waitFor(look, { timeout: 15_000 });

describe.skipIf(needsRedis !== '')(`owners of two servers${needsRedis}`, () => {
  let server: RedisServer;
  let replicas: TestReplica[];

  beforeEach(async () => {
    server = await startRedis();
    replicas = [await startReplica(server), await startReplica(server)];
  });

  afterEach(async () => {
    for (const replica of replicas) await replica.close();
    await server.close();
  });

  it('who are seen at one are not gone for the other', async () => {
    const clock = new ManualClock();
    const pass = async () => {
      for (let looks = 0; looks < 8; looks += 1) await clock.pass(GONE_AFTER_MS / 4);
    };
    const watches = replicas.map(({ redis, jobs }) => {
      const shared = createSharedPresence(redis, GONE_AFTER_MS);
      return watchOwners({ clock, goneAfterMs: GONE_AFTER_MS, jobs, shared });
    });
    const [a, b] = replicas;
    const job = await a?.jobs.start(request({ run: held().run }));
    watches[0]?.seen('me');
    // Seen by the other one from now on alone, until Redis forgets that.
    watches[1]?.seen('me');
    await eventually(async () =>
      expect(await b?.redis.run((client) => client.keys('*:seen:*'))).toHaveLength(1),
    );
    await pass();
    await a?.redis.check();
    expect(job?.goesOn).toBe(true);
    await b?.redis.run((client) => client.flushAll());
    await pass();
    await eventually(() =>
      expect(job?.outcome).toMatchObject({
        state: 'cancelled',
        error: { message: expect.stringContaining('its owner was gone') },
      }),
    );
    for (const watch of watches) watch.close();
  });
});
