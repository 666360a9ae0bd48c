import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { writeScene } from '../scene.ts';
import { initialize, type Spawned, spawnCommand } from './spawned.ts';

let folder: string;
let sandbox: Sandbox;
let server: Spawned;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'geopera-e2e-')));
  sandbox = await startSandbox({ dataDir: join(folder, 'sandbox') });
});

afterEach(async () => {
  server.process.kill('SIGKILL');
  await server.ended;
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

function start(nodeArgs: readonly string[] = []): Spawned {
  server = spawnCommand({
    nodeArgs,
    args: ['--allow-dir', folder, '--log-level', 'debug'],
    env: { GEOPERA_API_URL: sandbox.url, GEOPERA_API_TOKEN: sandbox.token },
  });
  return server;
}

/** Starts an upload that gets stuck at storage, and waits until it is. */
async function stuckUpload(it: Spawned): Promise<void> {
  sandbox.inject({ on: 'storage.put', do: { stall_after_bytes: 10 } });
  const path = await writeScene(folder, 'a.tif');
  it.send({
    id: 7,
    method: 'tools/call',
    params: {
      name: 'upload_local_file',
      arguments: { path, project_id: sandbox.projectId },
      _meta: { progressToken: 1 },
    },
  });
  await it.message(({ method }) => method === 'notifications/progress');
}

function expectReleased(): void {
  const { sessions, open_sessions, reserved_bytes } = sandbox.state();
  expect(sessions.map(({ status, calls }) => [status, calls['uploads.fail']])).toEqual([
    ['failed', 1],
  ]);
  expect({ open_sessions, reserved_bytes }).toEqual({ open_sessions: 0, reserved_bytes: 0 });
}

describe('stdout', () => {
  it('carries protocol alone, and console output goes to stderr', async () => {
    // By a timer: a listener on stdin would take the first lines from the server.
    const noise = "setInterval(() => console.log('noise'), 5).unref()";
    const it = start(['--import', `data:text/javascript,${encodeURIComponent(noise)}`]);
    await initialize(it);
    const path = await writeScene(folder, 'a.tif');
    const args = { path, project_id: sandbox.projectId };
    const params = { name: 'upload_local_file', arguments: args };
    it.send({ id: 1, method: 'tools/call', params });
    await it.message(({ id }) => id === 1);
    it.process.stdin.end();
    await it.ended;
    for (const line of it.lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
    expect(it.stderr()).toContain('noise');
  });

  it('holds no secret, and neither does stderr', async () => {
    const it = start();
    await initialize(it);
    sandbox.inject({ on: 'storage.put', times: 100, do: { status: 403 } });
    const path = await writeScene(folder, 'a.tif');
    const args = { path, project_id: sandbox.projectId };
    it.send({
      id: 1,
      method: 'tools/call',
      params: { name: 'upload_local_file', arguments: args },
    });
    await it.message(({ id }) => id === 1);
    it.process.stdin.end();
    await it.ended;
    for (const output of [it.lines.join('\n'), it.stderr()]) {
      expect(output).not.toContain(sandbox.token);
      expect(output).not.toContain('X-Goog-Signature');
    }
  });
});

describe('the end', () => {
  it('comes with stdin, after what the last lines asked was answered', async () => {
    const it = start();
    await initialize(it);
    it.send({ id: 1, method: 'tools/list' });
    it.process.stdin.end();
    expect(await it.ended).toBe(0);
    expect(it.lines.some((line) => JSON.parse(line).id === 1)).toBe(true);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'comes with %s, after the reservation was released',
    async (signal) => {
      const it = start();
      await initialize(it);
      await stuckUpload(it);
      it.process.kill(signal);
      expect(await it.ended).toBe(0);
      expectReleased();
    },
  );

  it('comes with a closed stdin, after the reservation was released', async () => {
    const it = start();
    await initialize(it);
    await stuckUpload(it);
    it.process.stdin.end();
    expect(await it.ended).toBe(0);
    expectReleased();
  });

  it('comes with a closed stdout, without a crash', async () => {
    const it = start();
    await initialize(it);
    await stuckUpload(it);
    it.process.stdout.destroy();
    for (let id = 10; id < 20; id += 1) it.send({ id, method: 'ping' });
    expect(await it.ended).toBe(0);
    expect(it.stderr()).not.toContain('EPIPE');
    expectReleased();
  });
});

describe('lines that cannot be served', () => {
  it('a message that is too large is answered, and the next one served', async () => {
    const it = start();
    await initialize(it);
    it.send({ method: 'ping', params: { filler: 'x'.repeat(11 * 1024 * 1024) }, id: 41 });
    it.send({ id: 42, method: 'ping' });
    const refused = await it.message(({ id }) => id === 41);
    expect(refused.error?.message).toContain('at most');
    expect(await it.message(({ id }) => id === 42)).toHaveProperty('result');
  });

  it('a line that is not JSON is answered, and the next one served', async () => {
    const it = start();
    await initialize(it);
    it.process.stdin.write('this is no JSON\n');
    it.send({ id: 42, method: 'ping' });
    expect((await it.message(({ error }) => error !== undefined)).error?.code).toBe(-32_700);
    expect(await it.message(({ id }) => id === 42)).toHaveProperty('result');
  });

  it('a line that is JSON but no JSON-RPC is answered, and the next one served', async () => {
    const it = start();
    await initialize(it);
    it.process.stdin.write('{"jsonrpc":"2.0","id":900,"method":123}\n');
    it.send({ id: 42, method: 'ping' });
    expect((await it.message(({ error }) => error !== undefined)).error?.code).toBe(-32_600);
    expect(await it.message(({ id }) => id === 42)).toHaveProperty('result');
  });

  it('a tool that does not exist is an error of the protocol', async () => {
    const it = start();
    await initialize(it);
    it.send({ id: 1, method: 'tools/call', params: { name: 'upload_local_fle', arguments: {} } });
    expect((await it.message(({ id }) => id === 1)).error?.code).toBe(-32_602);
  });
});
