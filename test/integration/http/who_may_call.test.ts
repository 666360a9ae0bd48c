import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { writeScene } from '../../scene.ts';
import { initialize, openHttpWorld } from './http_world.ts';

const refusal = (code: number) => ({ jsonrpc: '2.0', id: null, error: { code } });

describe('who brings no token that Geopera knows', () => {
  it('is refused, and told where to sign in', async () => {
    const it = await openHttpWorld();
    const answer = await it.fetch({ token: undefined, body: initialize() });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject(refusal(-32_000));
    const challenge = answer.headers.get('www-authenticate') ?? '';
    const [, metadataUrl = ''] = /^Bearer resource_metadata="([^"]+)"$/.exec(challenge) ?? [];
    const metadata = await fetch(metadataUrl);
    expect(await metadata.json()).toMatchObject({
      resource: it.server.url,
      authorization_servers: [`${it.sandbox.url}/realms/public`],
      bearer_methods_supported: ['header'],
      scopes_supported: expect.arrayContaining(['uploads:write', 'items:read', 'clip:read']),
    });
  });

  it('is told that the token is the reason', async () => {
    const it = await openHttpWorld();
    const answer = await it.fetch({ token: 'gpra_nobody', body: initialize() });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('may try again when Geopera cannot be asked', async () => {
    const it = await openHttpWorld();
    await it.sandbox.close();
    const answer = await it.fetch({ body: initialize() });
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('still finds out that the server lives', async () => {
    const it = await openHttpWorld();
    for (const path of ['/healthz', '/readyz']) {
      const answer = await it.fetch({ path, token: undefined });
      expect([path, answer.status]).toEqual([path, 200]);
    }
  });
});

describe('a session', () => {
  it('is of the principal that opened it, and nobody else is told of it', async () => {
    const it = await openHttpWorld();
    const { client, sessionId } = await it.connect();
    const stranger = it.newToken();
    const headers = { 'Mcp-Session-Id': sessionId };
    const ping = { jsonrpc: '2.0', id: 7, method: 'ping' };
    const unknown = { 'Mcp-Session-Id': '00000000-0000-4000-8000-000000000000' };
    const requests = [
      { body: ping },
      { method: 'GET' },
      { method: 'GET', more: { 'Last-Event-ID': 'x' } },
      { method: 'DELETE' },
    ];
    for (const { more, ...request } of requests) {
      const theirs = await it.fetch({
        ...request,
        token: stranger,
        headers: { ...headers, ...more },
      });
      const none = await it.fetch({ ...request, headers: { ...unknown, ...more } });
      expect([theirs.status, await theirs.json()]).toEqual([none.status, await none.json()]);
      expect(theirs.status).toBe(404);
    }
    await client.ping();
  });

  it('goes on with another token of its principal, and not without one', async () => {
    const it = await openHttpWorld();
    const { sessionId } = await it.connect();
    const request = {
      body: { jsonrpc: '2.0', id: 7, method: 'ping' },
      headers: { 'Mcp-Session-Id': sessionId },
    };
    expect((await it.fetch({ ...request, token: undefined })).status).toBe(401);
    expect((await it.fetch(request)).status).toBe(200);
  });
});

describe('a transfer', () => {
  it('is seen and stopped by the principal that started it alone', async () => {
    const it = await openHttpWorld();
    it.sandbox.inject({ on: 'storage.put', do: { stall_after_bytes: 1000 } });
    const path = await writeScene(it.folder, 'harbour.tif');
    const owner = await it.connect();
    const stranger = await it.connect(it.newToken());
    const { structuredContent } = await owner.client.callTool({
      name: 'upload_local_file',
      arguments: { path, project_id: it.sandbox.projectId, wait_seconds: 0 },
    });
    const { transfer_id } = Object(structuredContent);
    const named = { arguments: { transfer_id } };
    for (const name of ['transfer_status', 'transfer_cancel']) {
      const answer = await stranger.client.callTool({ name, ...named });
      expect(answer).toMatchObject({ _meta: { 'geopera/error': { code: 'unknown_transfer' } } });
    }
    const all = await stranger.client.callTool({ name: 'transfer_status', arguments: {} });
    expect(all.structuredContent).toEqual({ transfers: [] });
    await expect(
      stranger.client.readResource({ uri: `geopera://transfers/${transfer_id}` }),
    ).rejects.toThrow('Resource not found');

    const again = await it.connect();
    const cancelled = await again.client.callTool({ name: 'transfer_cancel', ...named });
    expect(cancelled.structuredContent).toMatchObject({
      status: 'cancelled',
      reservation: 'released',
    });
  });
});

describe('an identity that all share', () => {
  it('is served without a token', async () => {
    const it = await openHttpWorld({ config: { tokenFromEnv: true, apiToken: 'gpra_none' } });
    const answer = await it.fetch({ token: undefined, body: initialize() });
    expect(answer.status).toBe(200);
  });
});

describe('a request in a form that few use', () => {
  it.each([
    ['names the whole URL', (host: string) => `GET http://${host}/healthz HTTP/1.1`, 200],
    ['names another host', () => 'GET http://evil.example/healthz HTTP/1.1', 404],
    ['expects what is not done', () => 'GET /healthz HTTP/1.1\r\nExpect: 42', 417],
  ])('%s', async (_, head, status) => {
    const it = await openHttpWorld();
    const { host, port } = it.url;
    const socket = connect(Number(port), '127.0.0.1');
    socket.end(`${head(host)}\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const answer = Buffer.concat(await socket.toArray()).toString();
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/\r\nX-Request-Id: /);
  });
});
