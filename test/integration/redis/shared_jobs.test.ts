import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ReplicaLost } from '../../../src/jobs/replica_lost.ts';
import { SharedStateAway } from '../../../src/jobs/shared_state_away.ts';
import { TooManyTransfers } from '../../../src/jobs/too_many_transfers.ts';
import { TransferForgotten } from '../../../src/jobs/transfer_forgotten.ts';
import type { Transfer } from '../../../src/jobs/transfer_job.ts';
import type { Act } from '../../../src/transfer/act.ts';
import { Cancelled } from '../../../src/transfer/cancelled.ts';
import { held, never, request } from '../../unit/jobs/held_transfers.ts';
import { needsRedis, type RedisServer, startRedis } from './redis_server.ts';
import { type ReplicaOptions, startReplica, type TestReplica } from './replicas.ts';

const WAIT_MS = 20_000;
const eventually = (look: () => void | Promise<void>) => vi.waitFor(look, { timeout: 15_000 });

describe.skipIf(needsRedis !== '')(`jobs of two servers that share a Redis${needsRedis}`, () => {
  let server: RedisServer;
  const opened: TestReplica[] = [];

  beforeEach(async () => {
    server = await startRedis();
  });

  afterEach(async () => {
    for (const replica of opened.splice(0)) await replica.close();
    await server.close();
  });

  async function two(options?: ReplicaOptions) {
    const a = await startReplica(server, options);
    opened.push(a);
    const b = await startReplica(server, options);
    opened.push(b);
    return { a, b };
  }

  /** A transfer of the first, as the second has it. */
  async function seenFrom({ jobs }: TestReplica, { id, owner }: Transfer<string>) {
    const seen = await jobs.find(owner, id);
    if (seen === undefined) throw new Error('it is not seen');
    return seen;
  }

  it('tell each other how far they are, and their outcome', async () => {
    const { a, b } = await two();
    const work = held();
    const job = await a.jobs.start(request({ run: work.run, bytesTotal: 100 }));
    const seen = await seenFrom(b, job);
    expect(seen.report()).toMatchObject({ id: job.id, state: 'running', bytesTotal: 100 });
    const steps: number[] = [];
    seen.onProgress(() => steps.push(seen.report().bytesDone));
    const waits = seen.wait(WAIT_MS, never());
    work.tell(40, 100);
    await eventually(() => expect(steps).toContain(40));
    work.end('made');
    expect(await waits).toEqual({ state: 'completed', result: 'made' });
    expect(seen.report()).toMatchObject({ state: 'completed', endedAt: expect.any(Number) });
    expect((await b.jobs.list('me')).map(({ id, goesOn }) => [id, goesOn])).toEqual([
      [job.id, false],
    ]);
  });

  it('tell failures as what they were', async () => {
    const { a, b } = await two();
    const job = await a.jobs.start(request({ run: () => Promise.reject(new Error('broken')) }));
    const seen = await seenFrom(b, job);
    expect(await seen.wait(WAIT_MS, never())).toEqual({ state: 'failed', error: 'Error: broken' });
  });

  it('are waited for no longer than asked, and a wait can be broken off', async () => {
    const { a, b } = await two();
    const job = await a.jobs.start(request({ run: held().run }));
    const seen = await seenFrom(b, job);
    expect(await seen.wait(0, never())).toBeUndefined();
    expect(await seen.wait(1, never())).toBeUndefined();
    const stop = new AbortController();
    const waits = seen.wait(WAIT_MS, stop.signal);
    const reason = new Error('no patience');
    stop.abort(reason);
    await expect(waits).rejects.toBe(reason);
    expect(job.goesOn).toBe(true);
  });

  it('are stopped from the other one, with the reason given', async () => {
    const { a, b } = await two();
    const job = await a.jobs.start(request({ run: held().run }));
    const seen = await seenFrom(b, job);
    const outcome = await seen.cancel(new Cancelled('enough', { keepPartial: true }));
    expect(outcome).toEqual({ state: 'cancelled', error: 'AbortError: enough' });
    expect(job.outcome).toMatchObject({ error: { message: 'enough', keepPartial: true } });
  });

  it('are joined: of two that are asked for the same at the same time, one runs', async () => {
    const { a, b } = await two();
    const runs: string[] = [];
    const works = { a: held(), b: held() };
    const started = await Promise.all(
      (
        [
          ['a', a],
          ['b', b],
        ] as const
      ).map(([name, { jobs }]) =>
        jobs.start(
          request({
            run: (act) => {
              runs.push(name);
              return works[name].run(act);
            },
          }),
        ),
      ),
    );
    expect(runs).toHaveLength(1);
    expect(new Set(started.map(({ id }) => id)).size).toBe(1);
    works.a.end('made');
    works.b.end('made');
    for (const job of started) {
      expect(await job.wait(WAIT_MS, never())).toMatchObject({ result: 'made' });
    }
  });

  it('are not joined once they were asked to stop, from whichever side', async () => {
    const { a, b } = await two();
    const job = await a.jobs.start(request({ run: () => new Promise(() => undefined) }));
    const seen = await seenFrom(b, job);
    void seen.cancel(new Cancelled('stopped')).catch(() => undefined);
    await eventually(() => expect(job.goesOn).toBe(false));
    expect(await b.jobs.same('me', 'k')).toBeUndefined();
    expect((await b.jobs.start(request())).id).not.toBe(job.id);
  });

  it('that ended unheard are told once, wherever the same call comes', async () => {
    const { a, b } = await two();
    const job = await a.jobs.start(request());
    await (await seenFrom(b, job)).wait(WAIT_MS, never());
    const again = await b.jobs.same('me', 'k');
    expect(again).toMatchObject({ id: job.id, outcome: { result: 'done' } });
    again?.hear();
    await eventually(async () => expect(await a.jobs.same('me', 'k')).toBeUndefined());
    expect(await b.jobs.same('me', 'k')).toBeUndefined();
    expect(job.heard).toBe(true);
  });

  it('that are abandoned go on for whoever waits at the other one', async () => {
    const { a, b } = await two();
    const waitersAre = (count: number) =>
      eventually(async () => {
        const waiting = await b.redis.run((client) => client.keys('*:waits:*'));
        expect(waiting).toHaveLength(count);
      });
    const reason = new Cancelled('left');
    const job = await a.jobs.start(request({ run: held().run }));
    const seen = await seenFrom(b, job);
    const stop = new AbortController();
    const waits = seen.wait(WAIT_MS, stop.signal).catch(() => undefined);
    await waitersAre(1);
    expect(await job.abandon(reason)).toBeUndefined();
    stop.abort();
    await waits;
    // Somebody who waits at a third one counts too.
    const c = await startReplica(server);
    opened.push(c);
    const third = new AbortController();
    const thirdWaits = (await seenFrom(c, job)).wait(WAIT_MS, third.signal).catch(() => undefined);
    await waitersAre(1);
    expect(await seen.abandon(reason)).toBeUndefined();
    third.abort();
    await thirdWaits;
    await waitersAre(0);
    // The other way round: somebody waits where it runs.
    const still = new AbortController();
    const stays = job.wait(WAIT_MS, still.signal).catch(() => undefined);
    expect(await seen.abandon(reason)).toBeUndefined();
    expect(job.goesOn).toBe(true);
    still.abort();
    await stays;
    expect(await seen.abandon(reason)).toMatchObject({ state: 'cancelled' });
  });

  it('are seen by their owner alone', async () => {
    const { a, b } = await two();
    const job = await a.jobs.start(request({ run: held().run }));
    await a.jobs.start(request({ owner: 'them', run: held().run }));
    for (const { jobs } of [a, b]) {
      expect(await jobs.find('them', job.id)).toBeUndefined();
      expect((await jobs.list('them')).map(({ id }) => id)).not.toContain(job.id);
    }
    const digest = (await a.redis.run((client) => client.keys('*:index')))[0];
    for (const id of ['*', `../${job.id}`, `x:job:${job.id}`, '', `${digest}`]) {
      expect(await b.jobs.find('them', id)).toBeUndefined();
    }
    const keys = await a.redis.run((client) => client.keys('*'));
    expect(keys.join(' ')).not.toMatch(/\bme\b|\bthem\b/);
  });

  it('run to a number at a time, over both', async () => {
    const { a, b } = await two({ mostRunning: 2 });
    await a.jobs.start(request({ key: '1', run: held().run }));
    const second = await b.jobs.start(request({ key: '2', run: held().run }));
    for (const { jobs } of [a, b]) {
      await expect(jobs.start(request({ key: '3' }))).rejects.toThrow(TooManyTransfers);
    }
    expect((await a.jobs.start(request({ key: '2' }))).id).toBe(second.id);
    await a.jobs.start(request({ owner: 'them' }));
  });

  it('of a server that is gone have failed, for all and once', async () => {
    const { a, b } = await two({ mostRunning: 1 });
    const c = await startReplica(server, { mostRunning: 1 });
    opened.push(c);
    const job = await a.jobs.start(request({ run: held().run }));
    await eventually(async () => void (await seenFrom(b, job)));
    await a.die();
    // Beats may be missing because Redis was away: those who have just come do not judge.
    expect((await seenFrom(b, job)).goesOn).toBe(true);
    b.grow();
    c.grow();
    const [seenByB, seenByC] = await Promise.all([seenFrom(b, job), seenFrom(c, job)]);
    for (const seen of [seenByB, seenByC]) {
      expect(seen.outcome).toEqual({ state: 'failed', error: expect.any(ReplicaLost) });
      expect(seen.report()).toMatchObject({ state: 'failed', endedAt: expect.any(Number) });
    }
    seenByB.hear();
    await eventually(async () => expect(await c.jobs.same('me', 'k')).toBeUndefined());
    // Its place is free, and it counts no more.
    expect((await c.jobs.start(request({ run: held().run }))).id).not.toBe(job.id);
  });

  it('end where others took their server for gone, unless they are completed', async () => {
    const { a, b } = await two();
    let finish: (result: string) => void = () => undefined;
    const deaf = () =>
      new Promise<string>((resolve) => {
        finish = resolve;
      });
    const cut = await a.jobs.start(request({ key: '1', run: held().run }));
    const done = await a.jobs.start(request({ key: '2', run: deaf }));
    await a.replica.leave();
    b.grow();
    for (const job of [cut, done]) {
      expect((await seenFrom(b, job)).outcome).toMatchObject({ error: expect.any(ReplicaLost) });
    }
    await eventually(() => expect(cut.outcome?.state).toBe('cancelled'));
    finish('made');
    await eventually(async () =>
      expect((await seenFrom(b, done)).outcome).toEqual({ state: 'completed', result: 'made' }),
    );
    expect((await seenFrom(b, cut)).outcome).toMatchObject({ error: expect.any(ReplicaLost) });
  });

  it('go on while Redis is away, and are seen again when it is back with nothing in it', async () => {
    const { a, b } = await two();
    const work = held();
    const job = await a.jobs.start(request({ run: work.run }));
    const seen = await seenFrom(b, job);
    await server.kill();
    await eventually(async () => {
      await expect(b.jobs.list('me')).rejects.toThrow(SharedStateAway);
    });
    await expect(a.jobs.start(request({ key: 'other' }))).rejects.toThrow(SharedStateAway);
    await expect(a.redis.check()).rejects.toThrow(SharedStateAway);
    expect(await a.jobs.find('me', job.id)).toBe(job);
    await expect(seen.wait(1, never())).rejects.toThrow(SharedStateAway);
    const waits = seen.wait(WAIT_MS, never());
    await server.start();
    await eventually(async () =>
      expect((await b.jobs.list('me'))[0]?.report()).toMatchObject({
        id: job.id,
        state: 'running',
      }),
    );
    await a.redis.check();
    work.end('made');
    expect(await waits).toEqual({ state: 'completed', result: 'made' });
  });

  it('that end while Redis is away are told of when it is back', async () => {
    const { a, b } = await two();
    const work = held();
    const job = await a.jobs.start(request({ run: work.run }));
    const seen = await seenFrom(b, job);
    await server.kill();
    work.end('made');
    expect(await job.wait(WAIT_MS, never())).toMatchObject({ state: 'completed' });
    await server.start();
    expect(await seen.wait(WAIT_MS, never())).toEqual({ state: 'completed', result: 'made' });
  });

  it('are all stopped at the end of their server, and the others know at once', async () => {
    const { a, b } = await two();
    const mine = await a.jobs.start(request({ run: held().run }));
    const other = await b.jobs.start(request({ key: 'other', run: held().run }));
    await a.jobs.cancelAll(() => new Cancelled('the end'));
    expect((await seenFrom(b, mine)).outcome).toMatchObject({ error: 'AbortError: the end' });
    expect(other.goesOn).toBe(true);
  });

  it('may be finished unless somebody was told that they are lost, however long ago', async () => {
    const lost: string[] = [];
    const { a, b } = await two({ onLost: (owner) => lost.push(owner) });
    let act: Act | undefined;
    const run = (given: Act) => {
      act = given;
      return new Promise<string>(() => undefined);
    };
    const job = await a.jobs.start(request({ run }));
    expect(await act?.mayFinish?.()).toBe(true);
    // It sleeps: it notes nothing, and its heart stands still.
    a.jobs.close();
    await a.replica.leave();
    b.grow();
    await seenFrom(b, job);
    await seenFrom(b, job);
    expect(lost).toEqual(['me']);
    await b.redis.run(async (client) => client.del(await client.keys('*:job:*')));
    expect(await act?.mayFinish?.()).toBe(false);
    const [mark = ''] = await b.redis.run((client) => client.keys('*:lost:*'));
    const livesMs = await b.redis.run((client) => client.pTTL(mark));
    expect(livesMs).toBeGreaterThan(24 * 60 * 60 * 1000);
  });

  it('that have ended are noted anew when Redis comes back with nothing in it', async () => {
    const { a, b } = await two();
    const older = await a.jobs.start(request());
    await (await seenFrom(b, older)).wait(WAIT_MS, never());
    const newer = await a.jobs.start(request({ run: async () => 'newer' }));
    await (await seenFrom(b, newer)).wait(WAIT_MS, never());
    await b.redis.run((client) => client.flushAll());
    expect(await b.jobs.find('me', older.id)).toBeUndefined();
    for (const { id } of [newer, older]) {
      await eventually(async () =>
        expect(await b.jobs.find('me', id)).toMatchObject({ outcome: { state: 'completed' } }),
      );
    }
    expect(await b.jobs.same('me', 'k')).toMatchObject({ id: newer.id });
  });

  it('that go on are the ones to join when Redis comes back with nothing in it', async () => {
    const { a, b } = await two();
    await a.jobs.start(request());
    await a.jobs.cancelAll(() => new Cancelled('none'));
    const going = await b.jobs.start(request({ run: held().run }));
    await b.redis.run((client) => client.flushAll());
    await eventually(async () => expect(await a.jobs.list('me')).toHaveLength(2));
    await eventually(async () => expect((await a.jobs.same('me', 'k'))?.id).toBe(going.id));
  });

  it('that nobody notes anew are not asked to stop for ever', async () => {
    const { a, b } = await two();
    const job = await a.jobs.start(request({ run: held().run }));
    const seen = await seenFrom(b, job);
    a.jobs.close();
    await b.redis.run(async (client) => client.del(await client.keys('*:jobs:*')));
    let outcome: unknown;
    void seen.cancel(new Cancelled('enough')).then((ended) => {
      outcome = ended;
    });
    await eventually(() => {
      b.grow();
      expect(outcome).toEqual({ state: 'failed', error: expect.any(TransferForgotten) });
    });
  });

  it('that end are told to nobody else if somebody waits for them at the other one', async () => {
    const { a, b } = await two();
    const told: string[] = [];
    const works = [held(), held()] as const;
    const jobs = await Promise.all(
      works.map(({ run }, index) =>
        a.jobs.start(request({ key: `${index}`, run, ended: ({ id }) => void told.push(id) })),
      ),
    );
    const [awaited, alone] = jobs;
    if (awaited === undefined || alone === undefined) throw new Error('none was started');
    const waits = (await seenFrom(b, awaited)).wait(WAIT_MS, never());
    await eventually(async () => {
      expect(await b.redis.run((client) => client.keys('*:waits:*'))).toHaveLength(1);
    });
    works[0].end();
    await waits;
    works[1].end();
    await eventually(() => expect(told).toEqual([alone.id]));
  });

  it('leave no password in a log', async () => {
    const { a } = await two();
    await server.kill();
    await eventually(() => expect(a.lines.join('\n')).toContain('Redis cannot be reached'));
    expect(a.lines.join('\n')).not.toContain(server.password);
  });
});
