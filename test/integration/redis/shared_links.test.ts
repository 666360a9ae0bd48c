import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GeoperaError } from '../../../src/geopera/geopera_error.ts';
import { createTransferJobs } from '../../../src/jobs/transfer_jobs.ts';
import { openRedis, type SharedRedis } from '../../../src/redis/open_redis.ts';
import { createSharedLinkRecords } from '../../../src/redis/shared_link_records.ts';
import { createUploadLink } from '../../../src/tools/create_upload_link.ts';
import { finishUpload } from '../../../src/tools/finish_upload.ts';
import { systemClock } from '../../../src/transfer/clock.ts';
import type { WorkflowLog } from '../../../src/workflows/context.ts';
import { OpenLinks } from '../../../src/workflows/open_links.ts';
import { ManualClock } from '../../unit/jobs/manual_clock.ts';
import { toolCall } from '../../unit/tools/tool_calls.ts';
import { workflowWorld } from '../../unit/workflows/workflow_world.ts';
import { needsRedis, type RedisServer, startRedis } from './redis_server.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const FILES = [{ file_name: 'a.tif', bytes: 3 }];
const eventually = (look: () => void | Promise<void>) => vi.waitFor(look, { timeout: 15_000 });

describe.skipIf(needsRedis !== '')(`upload links of two servers${needsRedis}`, () => {
  let server: RedisServer;
  let clock: ManualClock;
  let opened: SharedRedis[];
  /** Sessions are numbered over all servers, as one API does it. */
  let sessions: number;

  beforeEach(async () => {
    server = await startRedis();
    clock = new ManualClock();
    opened = [];
    sessions = 0;
  });

  afterEach(async () => {
    for (const redis of opened) await redis.close();
    await server.close();
  });

  /** A server, as far as its tools see it, against a fake API that holds a completion until it is let go. */
  async function replica({ owner = 'me' } = {}) {
    const lines: string[] = [];
    const keep = (_: object, message: string) => void lines.push(message);
    const log: WorkflowLog = { info: keep, warn: keep, error: keep };
    const redis = await openRedis({ url: server.url, log, clock: systemClock });
    opened.push(redis);
    const tellers: (() => void)[] = [];
    const links = new OpenLinks(clock);
    const onForgotten = (tell: () => void) => void tellers.push(tell);
    links.shareWith(createSharedLinkRecords({ redis, replica: { onForgotten }, clock, log }));
    const notes: object[] = [];
    const removed: number[] = [];
    let held: Promise<void> | undefined;
    let refusal: GeoperaError | undefined;
    const world = workflowWorld({
      async call(id) {
        if (id === 'uploads.initiate') {
          sessions += 1;
          return { id: `u_${sessions}` };
        }
        if (id === 'uploads.signed_url') {
          // No end is told, so that a session waits for an hour.
          return { upload_url: 'https://storage.test/a.tif?sig=SECRET', object_path: 'a.tif' };
        }
        if (id === 'uploads.complete') await held;
        if (id === 'uploads.complete' && refusal !== undefined) throw refusal;
        return { item_ids: ['i_1'] };
      },
    });
    const entry = {
      intend: async () => undefined,
      note: async (news: object) => void notes.push(news),
      mayComplete: async () => true,
      remove: async () => void removed.push(clock.now()),
      leave: async () => true,
    };
    const context = { ...world.context, links, sessions: { begin: async () => entry }, log };
    const call = toolCall(
      { ...world, context },
      {
        owner,
        clock: systemClock,
        jobs: createTransferJobs(systemClock),
      },
    );
    const calls = (name: string) => world.geopera.calls.filter(({ id }) => id === name).length;
    return {
      redis,
      links,
      lines,
      notes,
      removed,
      calls,
      fails: () => calls('uploads.fail'),
      async open() {
        const input = { project_id: 'p', files: FILES };
        const { facts } = await createUploadLink.invoke(input, call);
        return String(facts['upload_id']);
      },
      async sign(upload_id: string) {
        const { facts } = await createUploadLink.invoke({ upload_id, files: FILES }, call);
        return facts['deadline'] === undefined ? undefined : Date.parse(String(facts['deadline']));
      },
      finish: (upload_id: string) =>
        finishUpload.invoke({ upload_id, wait_seconds: 20 }, call).then(
          ({ facts }) => facts['status'],
          (failure: Error) => failure.name,
        ),
      /** Completions take until the returned function is called. */
      holdCompletions() {
        let release: () => void = () => undefined;
        held = new Promise((resolve) => {
          release = resolve;
        });
        return release;
      },
      refuseToComplete(kind: 'conflict' | 'invalid_input') {
        refusal = new GeoperaError({ kind, operationId: 'uploads.complete', detail: 'no' });
      },
      /** As a beat does that finds none before it. */
      tellAnew() {
        for (const tell of tellers) tell();
      },
    };
  }

  const two = async () => [await replica(), await replica()] as const;

  it('wait for the fresh ones that the other signed, and are failed once at that deadline', async () => {
    const [a, b] = await two();
    const uploadId = await a.open();
    const opened = clock.now();
    await clock.pass(50 * MINUTE);
    const deadline = opened + 110 * MINUTE;
    expect(await b.sign(uploadId)).toBe(deadline);
    await clock.pass(10 * MINUTE);
    // What A notes of it for whoever comes after a crash is extended too.
    await eventually(() =>
      expect(a.notes.at(-1)).toEqual({ step: 'transfer', heldUntil: deadline }),
    );
    await clock.pass(50 * MINUTE - 1);
    expect(a.fails()).toBe(0);
    expect(a.links.find({ owner: 'me', uploadId })?.heldUntil).toBe(deadline);
    await clock.pass(1);
    await eventually(() => expect(a.fails()).toBe(1));
    await clock.pass(100 * HOUR);
    expect([a.fails(), b.fails()]).toEqual([1, 0]);
  });

  it('leave room for fifty more when the other finished fifty', async () => {
    const [a, b] = await two();
    const ids: string[] = [];
    for (let n = 0; n < 50; n += 1) ids.push(await a.open());
    await expect(a.open()).rejects.toMatchObject({ name: 'TooManyLinks' });
    await expect(b.open()).rejects.toMatchObject({
      name: 'TooManyLinks',
      firstEndsAt: clock.now() + HOUR,
    });
    const [first = '', ...others] = ids;
    expect(await b.finish(first)).toBe('completed');
    ids.push(await a.open());
    for (const id of others) expect(await b.finish(id)).toBe('completed');
    for (let n = 0; n < 49; n += 1) await b.open();
    await expect(a.open()).rejects.toMatchObject({ name: 'TooManyLinks' });
    expect([a.fails(), b.fails()]).toEqual([0, 0]);
  });

  it('are counted for their owner alone', async () => {
    const a = await replica();
    const other = await replica({ owner: 'other' });
    for (let n = 0; n < 50; n += 1) await a.open();
    await expect(other.open()).resolves.toBe('u_51');
  });

  it.each([
    ['completed', undefined],
    ['failed', 'conflict' as const],
  ])('are forgotten without a word once the other has %s the session', async (_, refused) => {
    const [a, b] = await two();
    const uploadId = await a.open();
    if (refused !== undefined) b.refuseToComplete(refused);
    expect(await b.finish(uploadId)).toBe(refused === undefined ? 'completed' : 'UploadFailed');
    await clock.pass(HOUR);
    await eventually(() => expect(a.removed).toHaveLength(1));
    expect(a.links.find({ owner: 'me', uploadId })).toBeUndefined();
    expect([a.fails(), a.lines]).toEqual([0, []]);
  });

  it('are not failed while the other completes, and have time to try again', async () => {
    const [a, b] = await two();
    const uploadId = await a.open();
    await clock.pass(59 * MINUTE);
    const release = b.holdCompletions();
    b.refuseToComplete('invalid_input');
    const finishing = b.finish(uploadId);
    await eventually(() => expect(b.calls('uploads.complete')).toBe(1));
    const began = clock.now();
    await clock.pass(10 * MINUTE);
    await eventually(() =>
      expect(a.links.find({ owner: 'me', uploadId })?.heldUntil).toBe(began + 15 * MINUTE),
    );
    release();
    expect(await finishing).toBe('UploadStillOpen');
    await clock.pass(5 * MINUTE);
    await eventually(() =>
      expect(a.links.find({ owner: 'me', uploadId })?.heldUntil).toBe(clock.now() + 10 * MINUTE),
    );
    expect(a.fails()).toBe(0);
    await clock.pass(10 * MINUTE);
    await eventually(() => expect(a.fails()).toBe(1));
  });

  it('of another owner move no deadline and end nothing', async () => {
    const a = await replica();
    const other = await replica({ owner: 'other' });
    const uploadId = await a.open();
    expect(await other.sign(uploadId)).toBeUndefined();
    expect(await other.finish(uploadId)).toBe('completed');
    await clock.pass(HOUR);
    await eventually(() => expect(a.fails()).toBe(1));
  });

  it('are left alone by whoever finds what a dead server noted, until they end', async () => {
    const [a, b] = await two();
    const name = { owner: 'me', uploadId: await a.open() };
    await a.links.close();
    await clock.pass(50 * MINUTE);
    await b.sign(name.uploadId);
    await clock.pass(HOUR - 1);
    expect(await b.links.isAwaited(name)).toBe(true);
    expect(await b.links.isAwaited({ ...name, owner: 'other' })).toBe(false);
    await clock.pass(1);
    expect(await b.links.isAwaited(name)).toBe(false);
  });

  it('are told anew to a Redis that forgot them', async () => {
    const [a, b] = await two();
    const uploadId = await a.open();
    await clock.pass(50 * MINUTE);
    await b.sign(uploadId);
    await a.redis.run((client) => client.flushAll());
    for (const it of [a, b]) it.tellAnew();
    await eventually(async () =>
      expect(await a.redis.run((client) => client.keys('*:link:*'))).toHaveLength(1),
    );
    await clock.pass(10 * MINUTE);
    await eventually(() =>
      expect(a.notes.at(-1)).toMatchObject({ heldUntil: clock.now() + 50 * MINUTE }),
    );
    expect(a.fails()).toBe(0);
  });

  it('go on as those of one server while Redis is away, which is told once', async () => {
    const [a] = await two();
    const first = await a.open();
    await server.kill();
    const second = await a.open();
    expect(await a.sign(first)).toBe(clock.now() + HOUR);
    expect(await a.finish(first)).toBe('completed');
    await clock.pass(HOUR);
    await eventually(() => expect(a.fails()).toBe(1));
    expect(a.links.find({ owner: 'me', uploadId: second })).toBeUndefined();
    const warnings = () => a.lines.filter((line) => line.includes('upload links cannot be noted'));
    expect(warnings()).toHaveLength(1);
    await server.start();
    await eventually(() => a.redis.check());
    await a.open();
    await server.kill();
    await a.open();
    expect(warnings()).toHaveLength(2);
  });

  it('leave no link, id or owner in Redis, and nothing for ever', async () => {
    const a = await replica({ owner: 'OWNER' });
    const uploadId = await a.open();
    await a.sign(uploadId);
    const keys = await a.redis.run((client) => client.keys('*'));
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      const kept = await a.redis.run((client) => client.dump(key));
      for (const text of [key, String(kept)]) expect(text).not.toMatch(/SECRET|OWNER|u_1|storage/);
      const lives = await a.redis.run((client) => client.pTTL(key));
      expect(lives).toBeGreaterThan(0);
      expect(lives).toBeLessThanOrEqual(2 * HOUR);
    }
  });

  it('do not note ids that a caller made up', async () => {
    const [a] = await two();
    a.refuseToComplete('conflict');
    expect(await a.finish('u_nowhere')).toBe('UploadFailed');
    expect(await a.redis.run((client) => client.keys('*'))).toEqual([]);
  });
});
