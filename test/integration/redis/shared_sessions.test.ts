import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GeoperaError } from '../../../src/geopera/geopera_error.ts';
import { SharedStateAway } from '../../../src/jobs/shared_state_away.ts';
import { releaseCrashedSession } from '../../../src/workflows/crashed_session.ts';
import type { SessionEntry } from '../../../src/workflows/session_journal.ts';
import type { SessionAccount } from '../../../src/workflows/session_record.ts';
import type { FakeAnswers } from '../../unit/geopera/fake_geopera.ts';
import { never } from '../../unit/jobs/held_transfers.ts';
import { HERE, sessionRecord } from '../../unit/workflows/session_records.ts';
import { workflowWorld } from '../../unit/workflows/workflow_world.ts';
import { needsRedis, type RedisServer, startRedis } from './redis_server.ts';
import { startReplica, type TestReplica } from './replicas.ts';

const HOUR_MS = 60 * 60 * 1000;
const eventually = (look: () => void | Promise<void>) => vi.waitFor(look, { timeout: 15_000 });
const ok = async () => ({ id: 'u_1' });
const unreachable = async (id: string) => {
  throw new GeoperaError({ kind: 'unreachable', operationId: id, detail: 'no answer' });
};

describe.skipIf(needsRedis !== '')(`upload sessions noted in Redis${needsRedis}`, () => {
  let server: RedisServer;
  const opened: TestReplica[] = [];

  beforeEach(async () => {
    server = await startRedis();
  });

  afterEach(async () => {
    vi.useRealTimers();
    for (const replica of opened.splice(0)) await replica.close();
    await server.close();
  });

  async function open(): Promise<TestReplica> {
    const replica = await startReplica(server);
    opened.push(replica);
    return replica;
  }

  /** Notes a session, as an upload does it that has begun to send its files. */
  async function noted({ sessions }: TestReplica, account = HERE): Promise<SessionEntry> {
    const { projectId, files, bytes, initiate } = sessionRecord();
    const entry = await sessions.journal(account).begin({ projectId, files, bytes });
    await entry.intend(initiate, 'key');
    await entry.note({ uploadId: 'u_1', step: 'transfer' });
    return entry;
  }

  /** One look for what was left, against a fake API; answers the calls that it made and what it found. */
  async function release(
    { sessions }: TestReplica,
    call: FakeAnswers['call'] = ok,
    account: SessionAccount = HERE,
  ) {
    const { context, geopera } = workflowWorld({ call });
    const found = await sessions.releaseLeft(account, (request) =>
      releaseCrashedSession(request, context),
    );
    return {
      calls: geopera.calls.map(({ id }) => id),
      states: found.map((it) => it.outcome.state),
    };
  }

  const records = ({ redis }: TestReplica) => redis.run((client) => client.keys('*:session:*'));

  it('are left alone while links that were signed since may be in use', async () => {
    const [a, b] = [await open(), await open()];
    await noted(a);
    await a.die();
    b.grow();
    const { context, geopera } = workflowWorld({ call: ok });
    let awaited = true;
    const asked: string[] = [];
    const look = () =>
      b.sessions.releaseLeft(
        HERE,
        (request) => releaseCrashedSession(request, context),
        async (uploadId) => {
          asked.push(uploadId);
          return awaited;
        },
      );
    expect(await look()).toEqual([]);
    awaited = false;
    expect(await look()).toMatchObject([{ outcome: { state: 'released' } }]);
    expect(asked).toEqual(['u_1', 'u_1']);
    expect(geopera.calls).toHaveLength(1);
  });

  it('stay with a replica that lives', async () => {
    const [a, b] = [await open(), await open()];
    await noted(a);
    b.grow();
    expect(await release(b)).toEqual({ calls: [], states: [] });
    expect(await records(b)).toHaveLength(1);
  });

  it('are released by one of two when their replica is gone, and are noted no more', async () => {
    const [a, b, c] = [await open(), await open(), await open()];
    await noted(a);
    await noted(a);
    await a.die();
    b.grow();
    c.grow();
    const all = await Promise.all([release(b), release(c), release(b), release(c)]);
    expect(all.flatMap(({ calls }) => calls)).toEqual(['uploads.fail', 'uploads.fail']);
    expect(all.flatMap(({ states }) => states)).toEqual(['released', 'released']);
    expect(await records(b)).toEqual([]);
  });

  it('are not judged by one who has just reached Redis', async () => {
    const [a, b] = [await open(), await open()];
    await noted(a);
    await a.die();
    expect((await release(b)).calls).toEqual([]);
  });

  it('are released for their own account alone', async () => {
    const [a, b] = [await open(), await open()];
    await noted(a);
    await a.die();
    b.grow();
    for (const other of [
      { ...HERE, fingerprint: 'another' },
      { ...HERE, api: 'https://api.other' },
    ]) {
      expect((await release(b, ok, other)).calls).toEqual([]);
    }
    expect((await release(b)).states).toEqual(['released']);
  });

  it('whose files others send are left alone until then', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const [a, b] = [await open(), await open()];
    const entry = await noted(a);
    await entry.note({ heldUntil: Date.now() + HOUR_MS });
    await a.die();
    b.grow();
    expect((await release(b)).calls).toEqual([]);
    vi.setSystemTime(Date.now() + HOUR_MS + 1);
    expect((await release(b)).states).toEqual(['released']);
  });

  it('that cannot be released now are tried again later, also by another', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const [a, b, c] = [await open(), await open(), await open()];
    await noted(a);
    await a.die();
    b.grow();
    c.grow();
    expect(await release(b, unreachable)).toEqual({ calls: ['uploads.fail'], states: ['held'] });
    for (const replica of [b, c]) expect((await release(replica)).calls).toEqual([]);
    vi.setSystemTime(Date.now() + HOUR_MS);
    expect((await release(c)).states).toEqual(['released']);
  });

  it('that were claimed by a replica which died too are not lost', async () => {
    const [a, b, c] = [await open(), await open(), await open()];
    await noted(a);
    await a.die();
    b.grow();
    c.grow();
    let claimed = false;
    void b.sessions
      .releaseLeft(HERE, () => {
        claimed = true;
        return new Promise(() => undefined);
      })
      .catch(() => undefined);
    await eventually(() => expect(claimed).toBe(true));
    expect((await release(c)).calls).toEqual([]);
    await b.die();
    expect((await release(c)).states).toEqual(['released']);
  });

  it('that were claimed although the answer to that was lost are not lost', async () => {
    const [a, b] = [await open(), await open()];
    await noted(a);
    await a.die();
    b.grow();
    const { run } = b.redis;
    const cut = vi.spyOn(b.redis, 'run').mockImplementation(async (work) => {
      const answer = await run(work);
      if (answer === 1) throw new SharedStateAway();
      return answer;
    });
    await expect(release(b)).rejects.toThrow(SharedStateAway);
    cut.mockRestore();
    expect(await release(b)).toEqual({ calls: ['uploads.fail'], states: ['released'] });
    expect(await records(b)).toEqual([]);
  });

  it('whose end could not be noted are looked at again by the same replica', async () => {
    const a = await open();
    const entry = await noted(a);
    const away = vi.spyOn(a.redis, 'run').mockRejectedValue(new SharedStateAway());
    expect(await entry.leave()).toBe(false);
    away.mockRestore();
    expect(await release(a)).toEqual({ calls: ['uploads.fail'], states: ['released'] });
  });

  it('stay with a replica that lives when Redis has forgotten that it does', async () => {
    const [a, b] = [await open(), await open()];
    await noted(a);
    b.grow();
    const beats = await b.redis.run((client) => client.keys('*:replica:*'));
    await b.redis.run((client) => client.del(beats));
    expect(await release(b)).toEqual({ calls: [], states: [] });
  });

  it('are noted anew when Redis comes back with nothing in it', async () => {
    const [a, b] = [await open(), await open()];
    await noted(a);
    const over = await noted(a);
    await over.remove();
    await server.kill();
    await server.start();
    await eventually(async () => expect(await records(b)).toHaveLength(1));
    await a.die();
    await eventually(async () => {
      b.grow();
      expect((await release(b)).calls).toEqual(['uploads.fail']);
    });
  });

  describe('of a replica that slept', () => {
    /** A sleeps while B claims its session; B is at releasing it until the test says so. */
    async function claimed() {
      const [a, b] = [await open(), await open()];
      const entry = await noted(a);
      await a.replica.leave();
      b.grow();
      let end: () => void = () => undefined;
      const releasing = new Promise<void>((resolve) => {
        end = resolve;
      });
      let begun = false;
      const released = release(b, async () => {
        begun = true;
        await releasing;
        return {};
      });
      await eventually(() => expect(begun).toBe(true));
      return { a, b, entry, end, released };
    }

    const holders = async ({ redis }: TestReplica) => {
      const keys = await redis.run((client) => client.keys('*:session:*'));
      return redis.run((client) => Promise.all(keys.map((key) => client.hGet(key, 'replica'))));
    };

    it('are not completed by it, nor taken back', async () => {
      const { b, entry, end, released } = await claimed();
      await entry.note({ step: 'complete' });
      expect(await entry.mayComplete(never())).toBe(false);
      expect(await entry.leave()).toBe(true);
      expect(await holders(b)).toEqual([b.replica.id]);
      end();
      expect((await released).states).toEqual(['released']);
      expect(await records(b)).toEqual([]);
    });

    it('may be completed by it if nobody claimed them', async () => {
      const [a, b] = [await open(), await open()];
      const entry = await noted(a);
      await a.replica.leave();
      expect(await entry.mayComplete(never())).toBe(true);
      // That was a beat: nobody can claim it now.
      b.grow();
      expect((await release(b)).calls).toEqual([]);
    });
  });

  it('are completed while Redis is away, as long as nobody can have claimed them', async () => {
    const a = await open();
    const entry = await noted(a);
    await server.kill();
    expect(await entry.mayComplete(never())).toBe(true);
    a.grow();
    const stop = new AbortController();
    const waits = entry.mayComplete(stop.signal);
    const reason = new Error('no patience');
    stop.abort(reason);
    await expect(waits).rejects.toBe(reason);
    const answer = entry.mayComplete(never());
    await server.start();
    expect(await answer).toBe(true);
  });

  it('that wait for Redis in vain are not completed', async () => {
    const a = await open();
    const entry = await noted(a);
    await server.kill();
    a.grow();
    const answer = entry.mayComplete(never());
    // Each look shows that so much more time has passed.
    const passes = setInterval(a.grow, 5);
    expect(await answer).toBe(false);
    clearInterval(passes);
  });

  it('are noted again as long as they last', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const a = await open();
    const entry = await noted(a);
    const keys = await a.redis.run((client) => client.keys('*:sessions:*'));
    for (const key of keys) await a.redis.run((client) => client.pExpire(key, HOUR_MS));
    vi.advanceTimersByTime(HOUR_MS);
    for (const key of keys) {
      await eventually(async () =>
        expect(await a.redis.run((client) => client.pTTL(key))).toBeGreaterThan(24 * HOUR_MS),
      );
    }
    await entry.remove();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that cannot be noted are warned of once each time that Redis is away', async () => {
    const a = await open();
    const entry = await noted(a);
    const warnings = () => a.lines.filter((line) => line.includes('cannot be noted in Redis'));
    for (const times of [1, 2]) {
      const away = vi.spyOn(a.redis, 'run').mockRejectedValue(new SharedStateAway());
      await entry.note({});
      await entry.note({});
      expect(warnings()).toHaveLength(times);
      away.mockRestore();
      await entry.note({});
    }
  });

  it('that were left, or are over, are told apart', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const a = await open();
    await (await noted(a)).remove();
    expect(await records(a)).toEqual([]);
    expect(await (await noted(a)).leave()).toBe(true);
    expect((await release(a)).calls).toEqual([]);
    vi.setSystemTime(Date.now() + HOUR_MS);
    expect((await release(a)).states).toEqual(['released']);
  });

  it('whose id was never heard are looked for by their key', async () => {
    const [a, b] = [await open(), await open()];
    const { projectId, files, bytes, initiate } = sessionRecord();
    const entry = await a.sessions.journal(HERE).begin({ projectId, files, bytes });
    await entry.intend(initiate, 'key');
    await a.die();
    b.grow();
    expect((await release(b)).calls).toEqual(['uploads.initiate', 'uploads.fail']);
  });

  it('lapse after 25 hours', async () => {
    const a = await open();
    await noted(a);
    const keys = await a.redis.run((client) => client.keys('*:sessions:*'));
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      const left = await a.redis.run((client) => client.pTTL(key));
      expect(left).toBeGreaterThan(24 * HOUR_MS);
      expect(left).toBeLessThanOrEqual(25 * HOUR_MS);
    }
  });

  it('cost an upload nothing while Redis is away, and are noted when it is back', async () => {
    const [a, b] = [await open(), await open()];
    await server.kill();
    const { projectId, files, bytes, initiate } = sessionRecord();
    const entry = await a.sessions.journal(HERE).begin({ projectId, files, bytes });
    await entry.intend(initiate, 'key');
    expect(await entry.leave()).toBe(false);
    const warnings = a.lines.filter((line) => line.includes('cannot be noted in Redis'));
    expect(warnings).toHaveLength(1);
    await server.start();
    for (const { redis } of [a, b]) await eventually(() => redis.check());
    await entry.note({ uploadId: 'u_1', step: 'transfer' });
    await a.die();
    await eventually(async () => {
      // Not before its own heart was noted again.
      b.grow();
      expect((await release(b)).calls).toEqual(['uploads.fail']);
    });
  });
});
