import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openRedis, type SharedRedis } from '../../src/redis/open_redis.ts';
import { type Clock, systemClock } from '../../src/transfer/clock.ts';
import type { EventsNotKept } from '../../src/transports/http/events/ordered_appends.ts';
import { RedisEvents } from '../../src/transports/http/events/redis_events.ts';
import { SealedEntries } from '../../src/transports/http/events/sealed_entries.ts';
import { EventsGone } from '../../src/transports/http/events/session_events.ts';
import { checkResumedExactly } from '../unit/transports/http/events/resumed_exactly.ts';
import {
  event,
  lastEvent,
  primingEvent,
  Reader,
  STREAM,
} from '../unit/transports/http/events/stored_events.ts';
import { needsRedis, type RedisServer, startRedis } from './redis/redis_server.ts';

const KEPT_MS = 60_000;
const MIB = 1024 * 1024;

/** Looks at streams as often as it can, and puts the time forward when a test says so. */
class EagerClock implements Clock {
  #ahead = 0;

  now = (): number => Date.now() + this.#ahead;

  wait = (ms: number, signal: AbortSignal): Promise<void> =>
    systemClock.wait(ms < 1_000 ? 2 : ms, signal);

  putForward(ms: number): void {
    this.#ahead += ms;
  }
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe.skipIf(needsRedis !== '')(`events kept in Redis${needsRedis}`, () => {
  let server: RedisServer;
  let redis: SharedRedis;
  let clock: EagerClock;
  let gone: Set<string>;
  let warnings: EventsNotKept[];
  let opened: RedisEvents[];
  /** Whether Redis gives no answers, though it keeps what it has. */
  let away: boolean;

  beforeAll(async () => {
    server = await startRedis();
  });

  afterAll(() => server.close());

  beforeEach(async () => {
    clock = new EagerClock();
    gone = new Set();
    warnings = [];
    opened = [];
    away = false;
    redis = await openRedis({ url: server.url, log: silent, clock: systemClock });
    await redis.run((client) => client.flushDb());
  });

  afterEach(async () => {
    await Promise.all(opened.map((events) => events.close()));
    await redis.close();
  });

  function open(replica = 'one', sessionId = 'session', keptMs = KEPT_MS): RedisEvents {
    const events = new RedisEvents({
      sessionId,
      redis: {
        key: redis.key,
        run: (work) => (away ? Promise.reject(new Error('away')) : redis.run(work)),
      },
      replicas: { id: replica, isGone: async (id) => gone.has(id) },
      clock,
      keptMs,
      warn: (warning) => warnings.push(warning),
    });
    opened.push(events);
    return events;
  }

  const keys = () => redis.run((client) => client.keys('*'));
  const expiry = async () => {
    const [key = ''] = await keys();
    return redis.run((client) => client.pTTL(key));
  };

  it('come to each client exactly from where it left', async () => {
    await checkResumedExactly((sessionId) => open('one', sessionId), 20);
  });

  it('are followed at another server, live, until the stream is over', async () => {
    const [here, there] = [open('one'), open('two')];
    const had = await here.store(primingEvent());
    await here.store(event('one'));
    const reader = new Reader(await there.resume(had));
    expect(await reader.until(1)).toEqual(['one']);
    await here.store(lastEvent('two'));
    expect(await reader.until(2)).toEqual(['one', 'two']);
    expect(await reader.ended).toBeUndefined();
    const [, last] = reader.events;
    expect(await there.resume(last?.id ?? '')).toMatchObject({ over: true });
  });

  it('tell the server of a call that its client follows it elsewhere', async () => {
    const [here, there] = [open('one'), open('two')];
    const had = await here.store(primingEvent());
    expect(await here.isFollowedElsewhere(STREAM)).toBe(false);
    const reader = new Reader(await there.resume(had));
    await expect.poll(() => here.isFollowedElsewhere(STREAM)).toBe(true);
    reader.leave();
    await reader.ended;
  });

  it('end with an error for each request that a server which is gone left', async () => {
    const unanswered = [7, 'eight'];
    const had = await open('dead').store(primingEvent({ unanswered }));
    gone.add('dead');
    const readers = [open('two'), open('three')].map(async (events) => {
      const reader = new Reader(await events.resume(had));
      expect(await reader.ended).toBeUndefined();
      return reader.events;
    });
    const [seen = [], alsoSeen] = await Promise.all(readers);
    expect(seen.map(({ data }) => JSON.parse(data))).toEqual(
      unanswered.map((id) => ({
        jsonrpc: '2.0',
        id,
        error: { code: -32_000, message: expect.stringContaining('transfer_status') },
      })),
    );
    expect(alsoSeen).toEqual(seen);
    expect(await open('four').resume(seen.at(-1)?.id ?? '')).toMatchObject({ over: true });
  });

  it('end so also if the server goes while the stream is followed', async () => {
    const had = await open('dead').store(primingEvent());
    const reader = new Reader(await open('two').resume(had));
    const follower = open('three');
    await expect.poll(() => follower.isFollowedElsewhere(STREAM)).toBe(true);
    expect(reader.events).toEqual([]);
    gone.add('dead');
    clock.putForward(10_000);
    expect(await reader.ended).toBeUndefined();
    expect(reader.events).toHaveLength(1);
  });

  it('hold the answer that a server gave before it was gone', async () => {
    const dead = open('dead');
    const had = await dead.store(primingEvent());
    await dead.store(lastEvent('the answer'));
    gone.add('dead');
    const reader = new Reader(await open('two').resume(had));
    expect(await reader.ended).toBeUndefined();
    expect(await reader.until(1)).toEqual(['the answer']);
  });

  it('go on without end where no response is waited for, whoever is gone', async () => {
    const standalone = { streamId: '_GET_stream', unanswered: [] };
    const had = await open('dead').store(event('one', standalone));
    gone.add('dead');
    const reader = new Reader(await open('two').resume(had));
    clock.putForward(10_000);
    await open('three').store(event('two', standalone));
    expect(await reader.until(1)).toEqual(['two']);
    reader.leave();
    expect(await reader.ended).toMatchObject({ name: 'AbortError' });
  });

  it('are gone for an id of another session, or of none', async () => {
    const other = await open('one', 'other').store(event('one'));
    const own = await open().store(event('one'));
    const ahead = own.replace(/\d+$/, '99');
    for (const id of [other, 'nonsense', ahead, own.replace(STREAM, 'elsewhere'), `${own}x`]) {
      await expect(open().resume(id)).rejects.toThrow(EventsGone);
    }
  });

  it('are dropped in the end, and gone where one would be missed', async () => {
    const events = open();
    const had = await events.store(primingEvent());
    const ids: string[] = [];
    for (let count = 0; count < 2_500; count += 1) ids.push(await events.store(event('x')));
    await expect(events.resume(had)).rejects.toThrow(EventsGone);
    const reader = new Reader(await events.resume(ids.at(-500) ?? ''));
    expect(await reader.until(499)).toHaveLength(499);
    reader.leave();
  });

  it('are delivered to nobody if they were changed, moved, or made up without the session', async () => {
    const events = open();
    const had = await events.store(primingEvent());
    const answer = await events.store(event('the answer'));
    const [key = ''] = await keys();
    const kept = await redis.run((client) => client.xRange(key, '-', '+'));
    const [first, second] = kept ?? [];
    const sealed = second?.message['sealed'] ?? '';
    const changed = Buffer.from(sealed, 'base64').reverse().toString('base64');
    const foreign = new SealedEntries('other').seal('{}', `${key} ${second?.id}`);
    const clear = { data: '"evil"', unanswered: '[]', last: '1', replica: 'one' };
    const moved = { sealed: first?.message['sealed'] ?? '' };
    for (const fields of [{ sealed: changed }, { sealed: foreign }, { sealed: '' }, clear, moved]) {
      await redis.run((client) => client.del(key));
      await redis.run((client) => client.xAdd(key, first?.id ?? '', first?.message ?? {}));
      const follower = new Reader(await open('two').resume(had));
      await redis.run((client) => client.xAdd(key, second?.id ?? '', fields));
      expect(await follower.ended).toBeInstanceOf(EventsGone);
      expect(follower.events).toEqual([]);
      await expect(open('two').resume(had)).rejects.toThrow(EventsGone);
      await expect(open('two').resume(answer)).rejects.toThrow(EventsGone);
    }
  });

  it('expire, sooner once their stream is over', async () => {
    const events = open();
    await events.store(primingEvent());
    expect(await expiry()).toBeGreaterThan(KEPT_MS);
    await events.store(lastEvent('one'));
    expect(await expiry()).toBeLessThanOrEqual(KEPT_MS);
  });

  it('are forgotten with their session, and after so many more calls', async () => {
    const events = open();
    for (let call = 0; call < 103; call += 1) {
      await events.store(lastEvent('one', { streamId: `stream-${call}` }));
    }
    await events.store(primingEvent({ streamId: 'open' }));
    await expect.poll(async () => (await keys()).length).toBe(101);
    await events.close();
    expect(await keys()).toEqual([]);
  });

  it('are kept of streams that are over up to so many bytes, the newest always', async () => {
    const events = open();
    const long = 'x'.repeat(MIB);
    const first = await events.store(primingEvent({ streamId: 'stream-0' }));
    await events.store(event(long, { streamId: 'stream-0' }));
    await events.store(lastEvent(long, { streamId: 'stream-0' }));
    const second = await events.store(lastEvent(long, { streamId: 'stream-1' }));
    await events.store(lastEvent('short', { streamId: 'stream-2' }));
    expect(await keys()).toHaveLength(3);
    await events.store(lastEvent(long, { streamId: 'stream-3' }));
    await expect.poll(async () => (await keys()).length).toBe(3);
    await expect(events.resume(first)).rejects.toThrow(EventsGone);
    expect(await events.resume(second)).toMatchObject({ over: true });
    await events.store(event('x'.repeat(3 * MIB), { streamId: 'stream-4' }));
    const newest = await events.store(lastEvent('x'.repeat(3 * MIB), { streamId: 'stream-4' }));
    await expect.poll(async () => (await keys()).length).toBe(1);
    expect(await events.resume(newest)).toMatchObject({ over: true });
  });

  it('are kept for minutes once their stream is over, however long their session lives', async () => {
    await open('one', 'session', 60 * KEPT_MS).store(lastEvent('one'));
    expect(await expiry()).toBeLessThanOrEqual(5 * 60_000);
  });

  it('come in order and whole where servers with other clocks write one stream', async () => {
    const standalone = { streamId: '_GET_stream', unanswered: [] };
    const behind = open('behind');
    const had = await behind.store(event('zero', standalone));
    const reader = new Reader(await open('third').resume(had));
    clock.putForward(60_000);
    const ahead = open('ahead');
    const ids = [await ahead.store(event('one', standalone))];
    clock.putForward(-60_000);
    const restarted = open('restarted');
    const words = ['two', 'three', 'four', 'five', 'six', 'seven'];
    const writers = [behind, behind, ahead, restarted, restarted, behind];
    for (const [at, word] of words.entries()) {
      ids.push((await writers[at]?.store(event(word, standalone))) ?? '');
    }
    const all = ['one', ...words];
    expect(await reader.until(all.length)).toEqual(all);
    expect(reader.events.map(({ id }) => id)).toEqual(ids);
    reader.leave();
    for (const [at, id] of ids.slice(0, -1).entries()) {
      const rest = new Reader(await open('fourth').resume(id));
      expect(await rest.until(all.length - 1 - at)).toEqual(all.slice(at + 1));
      rest.leave();
    }
  });

  it('of a stream that is over are not gone on with by a server that comes later', async () => {
    const dead = open('dead');
    const had = await dead.store(primingEvent());
    gone.add('dead');
    const ended = new Reader(await open('two').resume(had));
    expect(await ended.ended).toBeUndefined();
    await dead.store(lastEvent('too late'));
    const reader = new Reader(await open('three').resume(had));
    expect(await reader.ended).toBeUndefined();
    expect(reader.events).toEqual(ended.events);
  });

  it('end for who follows them when their session does', async () => {
    const events = open();
    const reader = new Reader(await open('two').resume(await events.store(primingEvent())));
    await events.close();
    clock.putForward(10_000);
    expect(await reader.ended).toBeUndefined();
  });

  it('are kept once Redis is back, with one warning, and no answer waits for it', async () => {
    const events = open();
    await events.store(primingEvent({ streamId: 'before' }));
    await server.kill();
    const had = await events.store(primingEvent());
    await events.store(lastEvent('the answer'));
    expect(warnings.map(({ name }) => name)).toEqual(['EventsNotKept']);
    expect(JSON.stringify(warnings)).not.toContain(server.password);
    await expect(events.resume(had)).rejects.toMatchObject({ name: 'SharedStateAway' });
    expect(await events.isFollowedElsewhere(STREAM)).toBe(false);
    await server.start();
    const resumed = await expect
      .poll(() => events.resume(had).catch(() => undefined), { timeout: 15_000 })
      .toBeDefined()
      .then(() => events.resume(had));
    expect(await new Reader(resumed).until(1)).toEqual(['the answer']);
  });

  it('go on for who follows them once Redis answers again', async () => {
    const events = open();
    const had = await events.store(primingEvent());
    const reader = new Reader(await open('two').resume(had));
    await expect.poll(() => events.isFollowedElsewhere(STREAM)).toBe(true);
    away = true;
    clock.putForward(10_000);
    await events.store(lastEvent('the answer'));
    away = false;
    expect(await reader.until(1)).toEqual(['the answer']);
    expect(warnings).toHaveLength(1);
  });

  it('are gone for a client that would miss one that could not be kept', async () => {
    const events = open();
    const had = await events.store(primingEvent());
    const reader = new Reader(await open('two').resume(had));
    away = true;
    for (let count = 0; count < 1_001; count += 1) await events.store(event('x'));
    away = false;
    expect(await reader.ended).toBeInstanceOf(EventsGone);
    await expect(events.resume(had)).rejects.toThrow(EventsGone);
  });
});
