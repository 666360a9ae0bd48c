import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { writeScene } from '../../scene.ts';
import { ManualClock } from '../../unit/jobs/manual_clock.ts';
import { type HttpWorld, initialize, openHttpWorld } from './http_world.ts';

/** A call that starts an upload; its body comes in when it is let in. */
async function heldCall(it: HttpWorld, wait_seconds: number) {
  const opened = await it.fetch({ body: initialize() });
  await opened.text();
  const path = await writeScene(it.folder, 'harbour.tif');
  const given = { path, project_id: it.sandbox.projectId, wait_seconds };
  const params = { name: 'upload_local_file', arguments: given };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params });
  const request = httpRequest(it.url, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${it.sandbox.token}`,
      Accept: 'application/json, text/event-stream',
      'Content-Type': 'application/json',
      'Content-Length': String(Buffer.byteLength(body)),
      'Mcp-Session-Id': opened.headers.get('mcp-session-id') ?? '',
    },
  });
  const answered: Promise<IncomingMessage[]> = once(request, 'response');
  await new Promise<void>((sent) => void request.write(body.slice(0, 1), () => sent()));
  // An answer to this one shows that the one before has come in as far as it was sent.
  await (await it.fetch({ path: '/healthz' })).text();
  return {
    letIn: () => void request.end(body.slice(1)),
    async text() {
      const [response] = await answered;
      return String(await response?.setEncoding('utf8').reduce((all, part) => all + part, ''));
    },
  };
}

const sessionStates = ({ sandbox }: HttpWorld) => sandbox.state().sessions.map((it) => it.status);

describe('a transfer that is begun while the server drains, by a call that was under way', () => {
  it('finishes too', async () => {
    const it = await openHttpWorld({ config: { drainSeconds: '60' } });
    const call = await heldCall(it, 0);
    const drained = it.server.drain();
    call.letIn();
    expect(await call.text()).toContain('"status":"running"');
    await drained;
    expect(sessionStates(it)).toEqual(['completed']);
  });

  it('is failed and released when it comes after the time for that', async () => {
    const clock = new ManualClock();
    const it = await openHttpWorld({ clock, config: { drainSeconds: '10' } });
    it.sandbox.inject({ on: 'storage.put', do: { stall_after_bytes: 1000 } });
    const call = await heldCall(it, 1);
    const drained = it.server.drain();
    // Half of the time is for what finishes by itself.
    await clock.pass(5_000);
    call.letIn();
    await vi.waitFor(() => expect(it.sandbox.state().faults_struck).toBe(1), { timeout: 15_000 });
    await clock.pass(1_000);
    expect(await call.text()).toContain('"status":"running"');
    await drained;
    expect(it.sandbox.state()).toMatchObject({ open_sessions: 0, reserved_bytes: 0 });
  });
});
