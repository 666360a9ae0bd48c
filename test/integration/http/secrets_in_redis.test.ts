import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { writeScene } from '../../scene.ts';
import { searchForSecrets } from '../../security/secret_search.ts';
import { dumpRedis } from '../redis/redis_dump.ts';
import { needsRedis, type RedisServer, startRedis } from '../redis/redis_server.ts';
import { type ConnectedClient, type HttpWorld, openHttpWorld } from './http_world.ts';

/** A URL with a query, in whatever it is quoted; a query of Geopera's storage is a signature. */
const URL_WITH_QUERY = /https?:\/\/[^\s"'?\\]+\?([^\s"'\\]+)/g;

const uploaded = z.object({ item_ids: z.array(z.string()).min(1) });
const assets = z.object({ assets: z.array(z.object({ key: z.string() })).min(1) });
const session = z.object({ id: z.string() });
const clip = z.object({ job: z.object({ id: z.string() }) });
const linked = z.object({
  upload_id: z.string(),
  files: z.array(z.object({ command: z.string() })),
});

describe.skipIf(needsRedis !== '')(`a Redis that servers share${needsRedis}`, () => {
  let redis: RedisServer;
  let world: HttpWorld;
  let connected: ConnectedClient;
  beforeEach(async () => {
    redis = await startRedis();
    world = await openWorld();
    connected = await world.connect();
  });
  afterEach(() => redis.close());

  const openWorld = (beside?: HttpWorld) =>
    openHttpWorld({
      config: { redis: redis.url, fetchAllowNets: ['127.0.0.1/32'], fetchAllowHttp: true },
      ...(beside && { beside }),
    });

  async function call<T>(name: string, args: object, facts: z.ZodType<T>): Promise<T> {
    const answer = await connected.client.callTool({ name, arguments: { ...args } });
    const { isError, content, structuredContent } = CallToolResultSchema.parse(answer);
    expect(isError, JSON.stringify(content)).not.toBe(true);
    return facts.parse(structuredContent);
  }

  const project = () => ({ project_id: world.sandbox.projectId });

  async function upload(): Promise<string> {
    const path = await writeScene(world.folder, 'harbour.tif');
    const { item_ids } = await call('upload_local_file', { path, ...project() }, uploaded);
    return item_ids[0] ?? '';
  }

  async function keyOfAsset(item_id: string): Promise<string> {
    const { assets: found } = await call('items_list_assets', { item_id }, assets);
    return found[0]?.key ?? '';
  }

  /** All that Redis holds, in which nothing stands by which somebody could act. */
  async function expectNoSecret(...alsoSecret: readonly string[]): Promise<string> {
    const text = await dumpRedis(redis);
    const secrets = [world.sandbox.token, connected.sessionId, ...alsoSecret];
    const said = { lines: text.split('\n'), pages: [], answers: [] };
    expect(searchForSecrets(secrets, said)).toEqual([]);
    expect(text.match(URL_WITH_QUERY)).toBeNull();
    return text;
  }

  it('holds no signed URL of those that calls answer, and they come again from another server', async () => {
    const item_id = await upload();
    const asset_id = await keyOfAsset(item_id);
    const ring = [
      [151.21, -33.84],
      [151.24, -33.84],
      [151.24, -33.82],
      [151.21, -33.84],
    ];
    const aoi_geometry = { type: 'Polygon', coordinates: [ring] };
    const { job } = await call(
      'clip_create_from_item',
      { source_item_id: item_id, ...project(), aoi_geometry },
      clip,
    );
    await vi.waitFor(
      async () => {
        const state = z.object({ status: z.literal('completed') });
        await call('clip_job_get', { job_id: job.id }, state);
      },
      { timeout: 15_000 },
    );
    const { id: upload_id } = await call(
      'uploads_initiate',
      { ...project(), total_bytes: 1 },
      session,
    );
    const file = { file_name: 'a.bin', bytes: 1 };
    const answers = [
      await call('create_upload_link', { ...project(), files: [file] }, z.unknown()),
      await call('uploads_signed_url', { upload_id, file_name: 'a.bin' }, z.unknown()),
      await call('items_asset_download', { item_id, asset_id }, z.unknown()),
      await call('clip_job_download', { job_id: job.id, mosaic_type: asset_id }, z.unknown()),
    ];
    const queries = answers.map((answer) => {
      const [[, query = ''] = []] = JSON.stringify(answer).matchAll(URL_WITH_QUERY);
      expect(query).toContain('X-Goog-Signature=');
      return query;
    });

    const asked = await world.fetch({
      headers: { 'Mcp-Session-Id': connected.sessionId, 'MCP-Protocol-Version': '2025-11-25' },
      body: {
        jsonrpc: '2.0',
        id: 'again',
        method: 'tools/call',
        params: { name: 'items_asset_download', arguments: { item_id, asset_id } },
      },
    });
    const stream = await asked.text();
    const [, first = ''] = /^id: (.+)$/m.exec(stream) ?? [];
    const [answer = ''] = stream.match(/^data: .*X-Goog-Signature.*$/m) ?? [];
    expect(answer).not.toBe('');

    expect(await expectNoSecret(...queries)).toContain(':events:');

    const other = await openWorld(world);
    const resumed = await other.fetch({
      headers: { 'Mcp-Session-Id': connected.sessionId, 'Last-Event-ID': first },
    });
    expect(await resumed.text()).toContain(answer);
  });

  it('holds no signed URL of what transfers answered', async () => {
    const item_id = await upload();
    const asset_id = await keyOfAsset(item_id);
    const saved = { path: `${world.folder}/saved.tif` };
    await call('download_asset_to_path', { item_id, asset_id, ...saved }, z.unknown());

    const content = 'some bytes';
    const file = { file_name: 'b.bin', bytes: content.length };
    const link = await call('create_upload_link', { ...project(), files: [file] }, linked);
    const [[url = ''] = []] = (link.files[0]?.command ?? '').matchAll(URL_WITH_QUERY);
    const headers = { 'content-type': 'application/octet-stream' };
    expect((await fetch(url, { method: 'PUT', headers, body: content })).status).toBe(200);
    await call('finish_upload', { upload_id: link.upload_id }, z.unknown());

    const source = createServer(({ url: asked }, response) => {
      const status = asked?.startsWith('/gone') ? 404 : 200;
      response.writeHead(status, { 'content-length': content.length }).end(content);
    });
    await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
    const { port } = z.custom<AddressInfo>().parse(source.address());
    const given = (path: string) => ({
      ...project(),
      url: `http://127.0.0.1:${port}/${path}?sig=SECRET-of-the-user`,
    });
    try {
      await call('upload_from_url', given('c.bin'), z.unknown());
      const failing = { name: 'upload_from_url', arguments: given('gone.bin') };
      expect(await connected.client.callTool(failing)).toMatchObject({ isError: true });
    } finally {
      source.close();
    }

    const text = await expectNoSecret('SECRET-of-the-user');
    const ended = [...text.matchAll(/"outcome":"\{\\"state\\":\\"(\w+)\\"/g)];
    const states = ended.map(([, state]) => state).sort();
    expect(states).toEqual([...Array(4).fill('completed'), 'failed']);
  });
});
