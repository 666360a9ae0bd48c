import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { DownloadJournal } from '../../src/transfer/downloads/download_journal.ts';
import { partPathFor } from '../../src/transfer/files/part_file.ts';
import { initialize, type Spawned, spawnCommand } from './spawned.ts';

const announced = z.object({ url: z.string(), token: z.string(), project_id: z.string() });
const sandboxState = z.object({
  open_sessions: z.number(),
  reserved_bytes: z.number(),
  sessions: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      error_step: z.string().nullable(),
      calls: z.record(z.number()),
    }),
  ),
});

/** What a sandbox keeps in its folder. */
const storedState = z.object({
  projects: z.array(z.object({ id: z.string() })),
  sessions: z.array(z.object({ status: z.string() })),
});

type SandboxState = z.output<typeof sandboxState>;
type Announced = z.output<typeof announced>;

let folder: string;
let state: string;
let sandbox: Announced;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'geopera-e2e-')));
  state = join(folder, 'state');
  await writeFile(join(folder, 'scene.tif'), Buffer.alloc(300_000, 7));
  const command = started({ args: ['sandbox', '--data', join(folder, 'sandbox')] });
  sandbox = announced.parse(await command.message(() => true));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A command that does not outlive its test. */
function started(options: Parameters<typeof spawnCommand>[0]): Spawned {
  const command = spawnCommand(options);
  onTestFinished(() => {
    command.process.kill('SIGKILL');
  });
  return command;
}

interface ServerOptions {
  readonly token?: string;
  readonly stateDir?: string;
}

async function serve({ token = sandbox.token, stateDir = state }: ServerOptions = {}) {
  const server = started({
    args: ['--allow-dir', folder, '--scopes', '*', '--state-dir', stateDir],
    env: { GEOPERA_API_URL: sandbox.url, GEOPERA_API_TOKEN: token },
  });
  await initialize(server);
  return server;
}

function upload(server: Spawned, projectId = sandbox.project_id): void {
  const args = { path: join(folder, 'scene.tif'), project_id: projectId };
  const params = { name: 'upload_local_file', arguments: args };
  server.send({ id: 'up', method: 'tools/call', params });
}

async function control(path: string, body: object): Promise<unknown> {
  const headers = { authorization: `Bearer ${sandbox.token}` };
  const url = `${sandbox.url}/sandbox/${path}`;
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(answer.status).toBe(200);
  return answer.json();
}

async function look(): Promise<SandboxState> {
  return sandboxState.parse(await (await fetch(`${sandbox.url}/sandbox/state`)).json());
}

/** Looks until it is so; a test that waits in vain ends by its time limit. */
async function until(fits: (state: SandboxState) => boolean): Promise<SandboxState> {
  for (;;) {
    const now = await look();
    if (fits(now)) return now;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A server that is killed while it sends a file; answers the id of its session. */
async function killedServer(options?: ServerOptions): Promise<string> {
  const known = new Set((await look()).sessions.map(({ id }) => id));
  await control('faults', { on: 'storage.put', do: { stall_after_bytes: 1000 } });
  const server = await serve(options);
  upload(server);
  const { sessions } = await until((now) =>
    now.sessions.some(({ id, calls }) => !known.has(id) && calls['uploads.signed_url'] === 1),
  );
  server.process.kill('SIGKILL');
  await server.ended;
  const id = sessions.find((session) => !known.has(session.id))?.id;
  if (id === undefined) throw new Error('no session was opened');
  return id;
}

async function records(): Promise<string[]> {
  return readdir(join(state, 'uploads'));
}

const released = { status: 'failed', error_step: 'crash', calls: { 'uploads.fail': 1 } };

describe('a server that starts after another one was killed in an upload', () => {
  it('releases the session, says so, and forgets it', async () => {
    const id = await killedServer();
    expect(await look()).toMatchObject({ open_sessions: 1, reserved_bytes: 300_000 });
    const [record = ''] = await records();
    const text = await readFile(join(state, 'uploads', record), 'utf8');
    expect(text).toContain(id);
    for (const secret of [sandbox.token, 'X-Goog-Signature']) expect(text).not.toContain(secret);
    const server = await serve();
    const now = await until(({ open_sessions: open }) => open === 0);
    expect(now).toMatchObject({ reserved_bytes: 0, sessions: [{ id, ...released }] });
    server.process.stdin.end();
    expect(await server.ended).toBe(0);
    expect(server.stderr()).toContain(id);
    expect(await records()).toEqual([]);
  });

  it('is one of two that start together, and one alone releases it', async () => {
    const id = await killedServer();
    const servers = await Promise.all([serve(), serve()]);
    await until(({ open_sessions: open }) => open === 0);
    for (const server of servers) server.process.stdin.end();
    for (const server of servers) expect(await server.ended).toBe(0);
    expect((await look()).sessions).toMatchObject([{ id, ...released }]);
    expect(servers.filter((server) => server.stderr().includes(id))).toHaveLength(1);
    expect(await records()).toEqual([]);
  });

  it('leaves the session of another account alone', async () => {
    const issued = z.object({ token: z.string() });
    const { token } = issued.parse(await control('tokens', { scopes: ['*'] }));
    const other = await killedServer();
    const mine = await killedServer({ token });
    const server = await serve({ token });
    const { sessions } = await until(({ open_sessions: open }) => open === 1);
    server.process.stdin.end();
    await server.ended;
    expect(sessions).toMatchObject([
      { id: other, status: 'open' },
      { id: mine, ...released },
    ]);
    expect(await records()).toHaveLength(1);
  });

  it('finds it also if its id was never heard', async () => {
    await control('faults', { on: 'uploads.initiate', do: { stall_after_bytes: 0 } });
    const server = await serve();
    upload(server);
    await until(({ open_sessions: open }) => open === 1);
    server.process.kill('SIGKILL');
    await server.ended;
    await serve();
    const { sessions } = await until(({ open_sessions: open }) => open === 0);
    expect(sessions).toMatchObject([released]);
  });
});

it('a server that ends while the API is down leaves the session to the next one', async () => {
  await control('faults', { on: 'storage.put', do: { stall_after_bytes: 1000 } });
  await control('faults', { on: 'uploads.fail', times: 2, do: { status: 503 } });
  const server = await serve();
  upload(server);
  await until(({ sessions }) => sessions[0]?.calls['uploads.signed_url'] === 1);
  server.process.kill('SIGTERM');
  expect(await server.ended).toBe(0);
  expect(await look()).toMatchObject({ open_sessions: 1 });
  await serve();
  const { sessions } = await until(({ open_sessions: open }) => open === 0);
  expect(sessions).toMatchObject([released]);
});

it('a state folder that cannot be written costs one warning, and no upload', async () => {
  const server = await serve({ stateDir: join(folder, 'scene.tif', 'state') });
  for (let round = 0; round < 2; round += 1) {
    upload(server);
    const before = server.lines.length;
    const answer = await server.message(({ id }) => id === 'up' && server.lines.length > before);
    expect(answer.result).toMatchObject({ structuredContent: { upload_id: expect.any(String) } });
  }
  server.process.stdin.end();
  await server.ended;
  expect(server.stderr().match(/cannot be noted on disk/g)).toHaveLength(1);
});

describe('geopera-mcp transfers', () => {
  async function transfers(words: readonly string[], token?: string) {
    const command = started({
      args: ['transfers', ...words, '--state-dir', state],
      env: {
        GEOPERA_API_URL: sandbox.url,
        ...(token === undefined ? {} : { GEOPERA_API_TOKEN: token }),
      },
    });
    const code = await command.ended;
    return { code, out: command.lines.join('\n'), err: command.stderr() };
  }

  it('lists what is under way and what was left, and cleans the latter alone', async () => {
    const left = await killedServer();
    await control('faults', { on: 'storage.put', do: { stall_after_bytes: 1000 } });
    const { token } = z
      .object({ token: z.string() })
      .parse(await control('tokens', { scopes: ['*'] }));
    const server = await serve({ token });
    upload(server);
    const { sessions } = await until(({ sessions: [, second] }) => second !== undefined);
    const running = sessions[1]?.id;

    const listed = JSON.parse((await transfers(['list', '--json'])).out);
    const facts = { kind: 'upload', files: ['scene.tif'], bytes: 300_000, api: sandbox.url };
    expect(listed.transfers).toHaveLength(2);
    expect(listed.transfers).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ...facts, upload_id: left, state: 'left_behind' }),
        expect.objectContaining({
          ...facts,
          upload_id: running,
          state: 'running',
          pid: server.process.pid,
        }),
      ]),
    );
    expect((await transfers([])).out).toMatch(/upload +left behind +\d+ s +300\.0 kB +scene\.tif/);

    const withoutToken = await transfers(['clean']);
    expect(withoutToken).toMatchObject({
      code: 1,
      out: expect.stringMatching(new RegExp(`${left}.*not released.*token`)),
    });
    expect((await look()).open_sessions).toBe(2);

    // Keys are renewed: what was left under another one is tried when it is asked for.
    const cleaned = await transfers(['clean', '--json'], token);
    expect(cleaned.code, cleaned.err).toBe(0);
    expect(JSON.parse(cleaned.out)).toMatchObject({
      cleaned: [{ upload_id: left }],
      not_cleaned: [],
    });
    expect((await look()).sessions).toMatchObject([{ id: left, ...released }, { status: 'open' }]);
    expect(JSON.parse((await transfers(['--json'])).out).transfers).toHaveLength(1);
  });

  it('reports a record that it cannot read, once', async () => {
    await killedServer();
    const [record = ''] = await records();
    await writeFile(join(state, 'uploads', record), '{"v":1,');
    expect((await transfers(['list'])).out).toContain('unreadable');
    expect((await transfers(['clean'], sandbox.token)).code).toBe(1);
    expect(await transfers(['clean'], sandbox.token)).toMatchObject({
      code: 0,
      out: 'Nothing was left behind.',
    });
  });

  it('removes what was left of downloads, and nothing of those under way', async () => {
    const downloads = join(state, 'downloads');
    const version = { total: 100, etag: '"1"' };
    const journals: DownloadJournal[] = [];
    for (const name of ['left.tif', 'running.tif']) {
      const target = join(folder, name);
      const part = partPathFor(target);
      await writeFile(part, 'partial');
      const journal = await DownloadJournal.create(downloads, 'asset', target);
      const head = { identity: 'asset', target, part, version, startedAt: Date.now() };
      await journal.begin(head, [{ start: 0, end: 7, crc32c: 0 }]);
      journals.push(journal);
    }
    await journals[0]?.leave();
    const { transfers: listed } = JSON.parse((await transfers(['--json'])).out);
    expect(listed).toHaveLength(2);
    expect(listed).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'download', state: 'left_behind', bytes_done: 7 }),
        expect.objectContaining({ kind: 'download', state: 'running', pid: process.pid }),
      ]),
    );
    expect(await transfers(['clean'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^download .*left\.tif: removed$/),
    });
    const parts = (await readdir(folder)).filter((name) => /left|running/.test(name));
    expect(parts).toEqual([expect.stringContaining('running.tif')]);
    expect(await readdir(downloads)).toHaveLength(1);
    await journals[1]?.remove();
  });

  it('has nothing to say of an empty folder, and refuses other words', async () => {
    expect(await transfers([])).toMatchObject({ code: 0, out: expect.stringContaining('No ') });
    expect(await transfers(['empty'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('list or clean'),
    });
    expect((await transfers(['list', 'clean'])).code).toBe(2);
  });
});

it('a session of an embedded sandbox is known again although its port changed', async () => {
  const data = join(folder, 'embedded');
  const embedded = () =>
    started({
      args: ['--sandbox', '--data', data, '--allow-dir', folder, '--state-dir', state],
    });
  const first = embedded();
  await initialize(first);
  // A file that takes a while, so that the kill comes in between.
  await writeFile(join(folder, 'scene.tif'), Buffer.alloc(200_000_000));
  const stored = async () =>
    storedState.parse(JSON.parse(await readFile(join(data, 'sandbox-state.json'), 'utf8')));
  upload(first, (await stored()).projects[0]?.id);
  while ((await stored()).sessions[0]?.status !== 'open') {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  first.process.kill('SIGKILL');
  await first.ended;
  const second = embedded();
  await initialize(second);
  while ((await records()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  second.process.stdin.end();
  await second.ended;
  expect(second.stderr()).toContain('released an upload session');
});
