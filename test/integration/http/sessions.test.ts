import { describe, expect, it, vi } from 'vitest';
import { writeScene } from '../../scene.ts';
import { ManualClock } from '../../unit/jobs/manual_clock.ts';
import { type HttpWorld, initialize, openHttpWorld } from './http_world.ts';

/** A busy machine may take its time. */
const eventually = (look: () => void | Promise<void>) => vi.waitFor(look, { timeout: 15_000 });

const ping = { jsonrpc: '2.0', id: 7, method: 'ping' };

function inSession(sessionId: string, body: unknown = ping) {
  return { body, headers: { 'Mcp-Session-Id': sessionId } };
}

async function openSession(it: HttpWorld, token?: string): Promise<string> {
  const answer = await it.fetch({ body: initialize(), ...(token === undefined ? {} : { token }) });
  await answer.text();
  return answer.headers.get('mcp-session-id') ?? '';
}

const openSessions = ({ sandbox }: HttpWorld) => sandbox.state().open_sessions;

/** An upload whose bytes get stuck on their way to storage. */
async function stuckUpload(it: HttpWorld, waitSeconds: number) {
  it.sandbox.inject({ on: 'storage.put', do: { stall_after_bytes: 1000 } });
  const path = await writeScene(it.folder, 'harbour.tif');
  return {
    name: 'upload_local_file',
    arguments: { path, project_id: it.sandbox.projectId, wait_seconds: waitSeconds },
  };
}

describe('a session', () => {
  it('ends after its idle time, and not while a stream of it is open', async () => {
    const clock = new ManualClock();
    const it = await openHttpWorld({ clock, config: { sessionIdleSeconds: '100' } });
    const idle = await openSession(it);
    const listening = await openSession(it);
    const stream = await it.fetch({ headers: { 'Mcp-Session-Id': listening } });
    expect(stream.status).toBe(200);
    for (let look = 0; look < 5; look += 1) await clock.pass(25_000);
    const answer = await it.fetch(inSession(idle));
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: -32_001 } });
    expect((await it.fetch(inSession(listening))).status).toBe(200);
    await stream.body?.cancel();
  });

  it('is ended by its client, and its transfers go on', async () => {
    const it = await openHttpWorld();
    const { client, transport, sessionId } = await it.connect();
    await client.callTool(await stuckUpload(it, 0));
    await eventually(() => expect(it.sandbox.state().faults_struck).toBe(1));
    await transport.terminateSession();
    expect((await it.fetch(inSession(sessionId))).status).toBe(404);
    expect(openSessions(it)).toBe(1);
    const next = await it.connect();
    const { structuredContent } = await next.client.callTool({ name: 'transfer_status' });
    expect(structuredContent).toMatchObject({ transfers: [{ status: 'running' }] });
  });

  it('of one principal makes room for its next, and never for those of others', async () => {
    const it = await openHttpWorld({ config: { maxSessions: '30' } });
    const theirs = await openSession(it, it.newToken());
    const mine = [];
    for (let count = 0; count < 5; count += 1) mine.push(await openSession(it));
    const statuses = await Promise.all(
      mine.map(async (id) => (await it.fetch(inSession(id))).status),
    );
    expect(statuses).toEqual([404, 404, 200, 200, 200]);
    expect(theirs).not.toBe('');
  });

  it('is no more when all places are taken by others', async () => {
    const it = await openHttpWorld({ config: { maxSessions: '2' } });
    await openSession(it, it.newToken());
    await openSession(it, it.newToken());
    const answer = await it.fetch({ body: initialize() });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '30']);
  });

  it('is not begun by anything but initialize', async () => {
    const it = await openHttpWorld();
    const answer = await it.fetch({ body: ping });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ jsonrpc: '2.0', error: {} });
    const metrics = await (await it.fetch({ path: '/metrics' })).text();
    expect(metrics).toContain('geopera_mcp_sessions_open 0');
  });
});

describe('a connection that is dropped', () => {
  it('ends the call of an operation', async () => {
    const it = await openHttpWorld();
    it.sandbox.inject({ on: 'items.list', do: { stall_after_bytes: 0 } });
    const sessionId = await openSession(it);
    const stop = new AbortController();
    const call = { name: 'items_list', arguments: { project_id: it.sandbox.projectId } };
    const body = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: call };
    // A client of this version could not come back for the answer.
    const headers = { 'Mcp-Session-Id': sessionId, 'Mcp-Protocol-Version': '2025-06-18' };
    const answer = it.fetch({ body, headers, signal: stop.signal }).then((it) => it.text());
    await eventually(() => expect(it.sandbox.state().faults_struck).toBe(1));
    stop.abort();
    await expect(answer).rejects.toThrow();
    await eventually(async () => {
      const metrics = await (await it.fetch({ path: '/metrics' })).text();
      expect(metrics).toContain('geopera_mcp_calls_running 0');
      expect(metrics).toMatch(/calls_total\{tool="items_list",outcome="cancelled"\} 1/);
    });
  });

  it('leaves a transfer alone', async () => {
    const it = await openHttpWorld();
    const sessionId = await openSession(it);
    const stop = new AbortController();
    const params = await stuckUpload(it, 600);
    const body = { jsonrpc: '2.0', id: 7, method: 'tools/call', params };
    const headers = { 'Mcp-Session-Id': sessionId, 'Mcp-Protocol-Version': '2025-06-18' };
    const answer = it.fetch({ body, headers, signal: stop.signal }).then((it) => it.text());
    await eventually(() => expect(it.sandbox.state().faults_struck).toBe(1));
    stop.abort();
    await expect(answer).rejects.toThrow();
    const { client } = await it.connect();
    await eventually(async () => {
      const { structuredContent } = await client.callTool({ name: 'transfer_status' });
      expect(structuredContent).toMatchObject({ transfers: [{ status: 'running' }] });
    });
  });
});

describe('a transfer', () => {
  it('is failed and released once its owner is gone for too long', async () => {
    const clock = new ManualClock();
    const it = await openHttpWorld({
      clock,
      config: { stateless: true, ownerGoneSeconds: '100' },
    });
    const params = await stuckUpload(it, 0);
    const body = { jsonrpc: '2.0', id: 7, method: 'tools/call', params };
    await (await it.fetch({ body })).text();
    await eventually(() => expect(it.sandbox.state().faults_struck).toBe(1));
    for (let look = 0; look < 3; look += 1) await clock.pass(25_000);
    expect(openSessions(it)).toBe(1);
    for (let look = 0; look < 3; look += 1) await clock.pass(25_000);
    await eventually(() => expect(openSessions(it)).toBe(0));
    expect(it.sandbox.state().reserved_bytes).toBe(0);
  });

  it('that does not finish in time is failed and released when the server ends', async () => {
    const it = await openHttpWorld();
    const { client } = await it.connect();
    await client.callTool(await stuckUpload(it, 0));
    await eventually(() => expect(it.sandbox.state().faults_struck).toBe(1));
    await it.server.drain();
    expect(it.sandbox.state()).toMatchObject({ open_sessions: 0, reserved_bytes: 0 });
  });

  it('finishes while the server drains, and nothing new is begun', async () => {
    const it = await openHttpWorld({ config: { drainSeconds: '60' } });
    const { client, sessionId } = await it.connect();
    it.sandbox.inject({ on: 'storage.put', do: { bytes_per_second: 400_000 } });
    const path = await writeScene(it.folder, 'harbour.tif');
    const upload = client.callTool({
      name: 'upload_local_file',
      arguments: { path, project_id: it.sandbox.projectId },
    });
    await eventually(() => expect(it.sandbox.state().faults_struck).toBe(1));
    const drained = it.server.drain();
    const late = await it.fetch({ body: initialize() });
    expect(late.status).toBe(503);
    // What ends work is no new work.
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: {} };
    expect((await it.fetch(inSession(sessionId, cancelled))).status).toBe(202);
    expect((await it.fetch({ path: '/readyz' })).status).toBe(503);
    expect((await upload).structuredContent).toMatchObject({ status: 'completed' });
    await drained;
  });
});

describe('a server without sessions', () => {
  it('answers each request by itself, with its progress', async () => {
    const it = await openHttpWorld({ config: { stateless: true } });
    const { client, sessionId } = await it.connect();
    expect(sessionId).toBe('');
    const path = await writeScene(it.folder, 'harbour.tif');
    const heard: number[] = [];
    const { structuredContent } = await client.callTool(
      { name: 'upload_local_file', arguments: { path, project_id: it.sandbox.projectId } },
      undefined,
      { onprogress: ({ progress }) => heard.push(progress) },
    );
    expect(structuredContent).toMatchObject({ status: 'completed' });
    expect(heard.length).toBeGreaterThan(0);
    const transfers = await client.callTool({ name: 'transfer_status' });
    expect(transfers.structuredContent).toMatchObject({ transfers: [{ status: 'completed' }] });
  });

  it.each(['GET', 'DELETE'])('takes no %s', async (method) => {
    const it = await openHttpWorld({ config: { stateless: true } });
    const answer = await it.fetch({ method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('a call that is cancelled', () => {
  it.each(['2025-11-25', '2025-06-18'])('has its answer ended (%s)', async (version) => {
    const it = await openHttpWorld();
    it.sandbox.inject({ on: 'items.list', do: { stall_after_bytes: 0 } });
    const sessionId = await openSession(it);
    const headers = { 'Mcp-Session-Id': sessionId, 'Mcp-Protocol-Version': version };
    const params = { name: 'items_list', arguments: { project_id: it.sandbox.projectId } };
    const body = { jsonrpc: '2.0', id: 7, method: 'tools/call', params };
    const answer = it.fetch({ body, headers }).then((response) => response.text());
    await eventually(() => expect(it.sandbox.state().faults_struck).toBe(1));
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } };
    expect((await it.fetch({ body: cancel, headers })).status).toBe(202);
    const text = await answer;
    expect(text).not.toContain('"result"');
    const [, lastEventId] = /^id: (\S+)$/m.exec(text) ?? [];
    if (lastEventId === undefined) return;
    // A client that comes back for more is told that there is none.
    const more = await it.fetch({ headers: { ...headers, 'Last-Event-ID': lastEventId } });
    expect(more.status).toBe(204);
  });
});

describe('a client that opens its stream anew', () => {
  it('has the new one in the place of the old', async () => {
    const it = await openHttpWorld();
    const headers = { 'Mcp-Session-Id': await openSession(it) };
    const first = await it.fetch({ headers });
    const second = await it.fetch({ headers });
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(await first.text()).toBe('');
    await second.body?.cancel();
  });
});

describe('places for calls', () => {
  it('are not taken by streams, and ending a session needs none', async () => {
    const it = await openHttpWorld({ config: { maxSessions: '1100' } });
    const sessions = [];
    for (let count = 0; count < 105; count += 1) sessions.push(await openSession(it));
    const headersOf = (id: string) => ({ 'Mcp-Session-Id': id });
    const streams = await Promise.all(sessions.map((id) => it.fetch({ headers: headersOf(id) })));
    expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]));
    const [first = ''] = sessions;
    expect((await it.fetch(inSession(first))).status).toBe(200);
    expect((await it.fetch({ method: 'DELETE', headers: headersOf(first) })).status).toBe(200);
    await Promise.all(streams.slice(1).map(({ body }) => body?.cancel()));
  });
});

describe('every answer and every log line of a request', () => {
  it('has its id', async () => {
    const it = await openHttpWorld();
    const answer = await it.fetch({ body: ping, headers: { 'X-Request-Id': 'from-the-proxy.1' } });
    expect(answer.headers.get('x-request-id')).toBe('from-the-proxy.1');
    await answer.text();
    await eventually(() => {
      const ids = it.lines.map(({ facts }) => facts['requestId']);
      expect(ids).toContain('from-the-proxy.1');
    });
  });
});
