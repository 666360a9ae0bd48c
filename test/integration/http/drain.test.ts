import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { writeScene } from '../../scene.ts';
import { type HttpWorld, initialize, openHttpWorld } from './http_world.ts';

/** A call that starts an upload and does not wait for it; its body comes in when it is let in. */
async function heldCall(it: HttpWorld) {
  const opened = await it.fetch({ body: initialize() });
  await opened.text();
  const path = await writeScene(it.folder, 'harbour.tif');
  const given = { path, project_id: it.sandbox.projectId, wait_seconds: 0 };
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
    const call = await heldCall(it);
    const drained = it.server.drain();
    call.letIn();
    expect(await call.text()).toContain('"status":"running"');
    await drained;
    expect(sessionStates(it)).toEqual(['completed']);
  });

  it('is failed and released when it comes after the time for that', async () => {
    const it = await openHttpWorld({ config: { drainSeconds: '4' } });
    it.sandbox.inject({ on: 'storage.put', do: { stall_after_bytes: 1000 } });
    const call = await heldCall(it);
    const drained = it.server.drain();
    // Half of the time is for what finishes by itself.
    setTimeout(call.letIn, 2_500);
    expect(await call.text()).toContain('"status":"running"');
    await drained;
    expect(it.sandbox.state()).toMatchObject({ open_sessions: 0, reserved_bytes: 0 });
  });
});
