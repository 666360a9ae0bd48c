import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeScene } from '../../scene.ts';
import { needsRedis, type RedisServer, startRedis } from '../redis/redis_server.ts';
import { type HttpWorld, openHttpWorld } from './http_world.ts';

/** A busy machine may take its time. */
const eventually = (look: () => void | Promise<void>) => vi.waitFor(look, { timeout: 15_000 });

describe.skipIf(needsRedis !== '')(`servers that share a Redis${needsRedis}`, () => {
  let redis: RedisServer;
  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(() => redis.close());

  /** Two servers before the same Geopera. */
  async function openTwo(config: object = {}): Promise<[HttpWorld, HttpWorld]> {
    const one = await openHttpWorld({ config: { ...config, redis: redis.url } });
    const other = await openHttpWorld({ config: { ...config, redis: redis.url }, beside: one });
    return [one, other];
  }

  async function stuckUpload(it: HttpWorld) {
    it.sandbox.inject({ on: 'storage.put', do: { stall_after_bytes: 1000 } });
    const path = await writeScene(it.folder, 'harbour.tif');
    return {
      name: 'upload_local_file',
      arguments: { path, project_id: it.sandbox.projectId, wait_seconds: 0 },
    };
  }

  it('go on with the sessions of each other, for their principal alone', async () => {
    const [one, other] = await openTwo();
    const { sessionId, client } = await one.connect();
    await client.listTools();
    const moved = new StreamableHTTPClientTransport(other.url, {
      sessionId,
      requestInit: { headers: { Authorization: `Bearer ${one.sandbox.token}` } },
    });
    const answers: unknown[] = [];
    moved.onmessage = (message) => answers.push(message);
    await moved.start();
    await moved.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    await eventually(() => expect(answers).toMatchObject([{ id: 1, result: { tools: {} } }]));
    await moved.close();

    const theirs = await other.fetch({
      token: other.newToken(),
      body: { jsonrpc: '2.0', id: 7, method: 'ping' },
      headers: { 'Mcp-Session-Id': sessionId },
    });
    expect(theirs.status).toBe(404);
  });

  it('forget a session that its client ended', async () => {
    const [one, other] = await openTwo();
    const { sessionId, transport } = await one.connect();
    await transport.terminateSession();
    const answer = await other.fetch({
      body: { jsonrpc: '2.0', id: 7, method: 'ping' },
      headers: { 'Mcp-Session-Id': sessionId },
    });
    expect(answer.status).toBe(404);
  });

  it('tell of and stop the transfers of each other', async () => {
    const [one, other] = await openTwo({ stateless: true });
    const here = await one.connect();
    const there = await other.connect();
    const { structuredContent } = await here.client.callTool(await stuckUpload(one));
    const { transfer_id } = Object(structuredContent);
    await eventually(() => expect(one.sandbox.state().faults_struck).toBe(1));
    const status = await there.client.callTool({
      name: 'transfer_status',
      arguments: { transfer_id, wait_seconds: 0 },
    });
    expect(status.structuredContent).toMatchObject({ status: 'running', transfer_id });
    const cancelled = await there.client.callTool({
      name: 'transfer_cancel',
      arguments: { transfer_id },
    });
    expect(cancelled.structuredContent).toMatchObject({
      status: 'cancelled',
      reservation: 'released',
    });
    expect(one.sandbox.state()).toMatchObject({ open_sessions: 0, reserved_bytes: 0 });
  });

  it('know the upload links of each other', async () => {
    const [one, other] = await openTwo();
    const here = await one.connect();
    const there = await other.connect();
    const files = [{ file_name: 'a.bin', bytes: 1000 }];
    const opened = await here.client.callTool({
      name: 'create_upload_link',
      arguments: { project_id: one.sandbox.projectId, files },
    });
    const { upload_id, deadline } = Object(opened.structuredContent);
    const fresh = await there.client.callTool({
      name: 'create_upload_link',
      arguments: { upload_id, files },
    });
    const moved = Date.parse(Object(fresh.structuredContent).deadline);
    expect(moved).toBeGreaterThanOrEqual(Date.parse(deadline));
  });

  it('are not ready while Redis is away, and serve all the same', async () => {
    const [one] = await openTwo();
    const { client } = await one.connect();
    await redis.kill();
    await eventually(async () => {
      expect((await one.fetch({ path: '/readyz' })).status).toBe(503);
    });
    await client.ping();
    const { tools } = await client.listTools();
    expect(tools.length).toBeGreaterThan(0);
  });
});
