import { CallToolResultSchema, type Progress } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { writeBytes, writeScene } from '../../scene.ts';
import { needsRedis, startRedis } from '../redis/redis_server.ts';
import { answerOf } from '../world.ts';
import { type Fleet, type ReplicaProcess, startFleet } from './fleet.ts';
import { needsNginx } from './nginx.ts';

/** A busy machine may take its time. */
const WAITING = { timeout: 25_000 };
const eventually = (look: () => void | Promise<void>) => vi.waitFor(look, WAITING);

/** So slow that it does not end by itself while it is looked at, and so large that it tells of it. */
const CRAWL = { on: 'storage.put', do: { bytes_per_second: 100_000 } } as const;
const LARGE = 64 * 1024 * 1024;

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function openFleet(...args: string[]): Promise<Fleet> {
  const fleet = await startFleet(args);
  cleanUps.push(() => fleet.close());
  return fleet;
}

async function openFleetOnRedis(...args: string[]): Promise<Fleet> {
  const redis = await startRedis();
  cleanUps.push(() => redis.close());
  return openFleet('--redis', redis.url, ...args);
}

/** An upload that is under way; what it answers, and what it told so far. */
async function crawlingUpload({ sandbox, folder, connect }: Fleet) {
  sandbox.inject(CRAWL);
  const client = await connect();
  const path = await writeBytes(folder, 'large.bin', LARGE);
  const progress: Progress[] = [];
  const answer = client.callTool(
    {
      name: 'upload_local_file',
      arguments: { path, project_id: sandbox.projectId, wait_seconds: 600 },
    },
    CallToolResultSchema,
    { onprogress: (told) => progress.push(told), timeout: 60_000 },
  );
  // Whoever awaits it comes later.
  answer.catch(() => undefined);
  return { client, answer, progress };
}

describe.skipIf(needsNginx !== '')(`two servers behind nginx${needsNginx}`, () => {
  it('without sessions: list tools, upload, and answer at either', async () => {
    const fleet = await openFleet('--stateless');
    const { sandbox, folder, connect } = fleet;
    const client = await connect();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('upload_local_file');
    const path = await writeScene(folder, 'harbour.tif');
    const arguments_ = { path, project_id: sandbox.projectId };
    const answer = answerOf(
      await client.callTool({ name: 'upload_local_file', arguments: arguments_ }),
    );
    expect(answer).toMatchObject({ isError: false, facts: { status: 'completed' } });
    expect(sandbox.state()).toMatchObject({ open_sessions: 0, reserved_bytes: 0 });
  });

  it('let events of a call through before it ends', async () => {
    const fleet = await openFleet('--stateless');
    const { answer, progress } = await crawlingUpload(fleet);
    const answered = vi.fn();
    answer.then(answered, answered);
    await eventually(() => expect(progress.length).toBeGreaterThan(0));
    expect(answered).not.toHaveBeenCalled();
  });

  it('go on as one while the other ends', async () => {
    const fleet = await openFleet('--stateless');
    await crawlingUpload(fleet);
    const ending = await holderOfUpload(fleet);
    ending.askToEnd();
    await eventually(async () => {
      expect((await fetch(new URL('/readyz', ending.url))).status).toBe(503);
    });
    const statuses = await Promise.all(Array.from({ length: 20 }, () => ping(fleet)));
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('are asked for nothing but the protocol, by those who bring a token', async () => {
    const { url } = await openFleet('--stateless');
    const status = async (path: string) => (await fetch(new URL(path, url))).status;
    expect(await status('/metrics')).toBe(404);
    expect(await status('/healthz')).toBe(404);
    expect(await status('/readyz')).toBe(404);
    expect(await status('/.well-known/oauth-protected-resource/mcp')).toBe(200);
    expect((await fetch(url, { method: 'POST' })).status).toBe(401);
  });
});

const needed = needsNginx || needsRedis;

describe.skipIf(needed !== '')(`two servers behind nginx that share a Redis${needed}`, () => {
  it('lose none of a killed one: its call is told, its transfer known, its reservation released', async () => {
    const fleet = await openFleetOnRedis();
    const { sandbox } = fleet;
    // It judges by heartbeats that it has seen miss itself.
    const third = await fleet.startBeside();
    const { client, answer, progress } = await crawlingUpload(fleet);
    await eventually(() => expect(progress.length).toBeGreaterThan(0));
    const killed = await holderOfUpload(fleet);
    await killed.kill();
    await expect(answer).rejects.toThrow('is gone');

    const listed = answerOf(await client.callTool({ name: 'transfer_status', arguments: {} }));
    expect(listed.facts).toMatchObject({ transfers: [{ kind: 'upload', status: 'failed' }] });
    const [{ transfer_id }] = Object(listed.facts['transfers']);
    const told = answerOf(
      await client.callTool({ name: 'transfer_status', arguments: { transfer_id } }),
    );
    expect(told).toMatchObject({ isError: true, errorCode: 'replica_lost' });

    // Each server looks beside a request of the owner, at most once a minute: this one has not yet.
    expect(sandbox.state().open_sessions).toBe(1);
    await ping({ ...fleet, url: third.url });
    await eventually(() =>
      expect(sandbox.state()).toMatchObject({ open_sessions: 0, reserved_bytes: 0 }),
    );
  }, 60_000);
});

function holderOfUpload({ replicas }: Fleet): Promise<ReplicaProcess> {
  return vi.waitFor(async () => {
    const running = await Promise.all(replicas.map((replica) => replica.runningUploads()));
    const holder = replicas[running.indexOf(1)];
    if (holder === undefined) throw new Error(`uploads run: ${running}`);
    return holder;
  }, WAITING);
}

async function ping({ url, sandbox }: Pick<Fleet, 'url' | 'sandbox'>): Promise<number> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      Accept: 'application/json, text/event-stream',
      Authorization: `Bearer ${sandbox.token}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
  });
  await answer.text();
  return answer.status;
}
