import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startGeolensEmulator } from '../../src/sandbox/geolens/geolens_emulator.ts';
import {
  type OpteryxEmulator,
  startOpteryxEmulator,
} from '../../src/sandbox/opteryx/opteryx_emulator.ts';
import { initialize, type Spawned, spawnCommand } from './spawned.ts';

const TARGET = { workspace: 'acme', collection: 'harbour', dataset: 'ships' };

let folder: string;
let state: string;
let paths: readonly string[];

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'geopera-e2e-')));
  state = join(folder, 'state');
  paths = ['a.csv', 'b.csv', 'c.csv'].map((name) => join(folder, name));
  for (const path of paths) await writeFile(path, 'id,name\n1,Aurora\n2,Borealis\n');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

type Env = Readonly<Record<string, string>>;

/** Nobody listens at Geopera's address: nothing of this is asked of it. */
const GEOPERA: Env = { GEOPERA_API_URL: 'http://127.0.0.1:9', GEOPERA_API_TOKEN: 'gpra_x' };

/** A command that does not outlive its test. */
function started(args: readonly string[], env: Env): Spawned {
  const options = { args: [...args, '--state-dir', state], env: { ...GEOPERA, ...env } };
  const command = spawnCommand(options);
  onTestFinished(() => {
    command.process.kill('SIGKILL');
  });
  return command;
}

async function serve(env: Env): Promise<Spawned> {
  const server = started(['--allow-dir', folder], env);
  await initialize(server);
  return server;
}

/** Looks until it is so; a test that waits in vain ends by its time limit. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A server that is killed in the middle of a call. */
async function killed(env: Env, tool: string, args: object, inTheMiddle: () => boolean) {
  const server = await serve(env);
  server.send({ id: 'up', method: 'tools/call', params: { name: tool, arguments: args } });
  const answered = server
    .message(({ id }) => id === 'up')
    .then(
      (answer) => Promise.reject(new Error(`answered before the kill: ${JSON.stringify(answer)}`)),
      () => undefined,
    );
  await Promise.race([until(inTheMiddle), answered]);
  server.process.kill('SIGKILL');
  await server.ended;
  await answered;
}

/** The one record that the killed server left. */
async function record(): Promise<string> {
  const [name = '', ...more] = await noted();
  expect(more).toEqual([]);
  return readFile(join(state, 'services', name), 'utf8');
}

const noted = () => readdir(join(state, 'services'));

/** A server that starts, finds the record, and ends when it is gone; answers what it told. */
async function nextServer(env: Env): Promise<string> {
  const server = await serve(env);
  await until(async () => (await noted()).length === 0);
  server.process.stdin.end();
  expect(await server.ended).toBe(0);
  return server.stderr();
}

function opteryxEnv(emulator: OpteryxEmulator, api: 'v1' | 'v2'): Env {
  return {
    OPTERYX_UPLOAD_URL: emulator.uploadUrl,
    OPTERYX_AUTH_URL: emulator.authUrl,
    OPTERYX_CLIENT_ID: emulator.clientId,
    OPTERYX_CLIENT_SECRET: emulator.clientSecret,
    OPTERYX_API: api,
  };
}

/** Opteryx with the table there already, so that its contracts need no agreement. */
async function opteryx(): Promise<OpteryxEmulator> {
  const columns = { id: 'INT64', name: 'VARCHAR' };
  const emulator = await startOpteryxEmulator({
    datasets: [{ table: Object.values(TARGET).join('.'), columns, rows: 1 }],
  });
  onTestFinished(() => emulator.close());
  return emulator;
}

const append = () => ({ paths, ...TARGET, conflict_resolution: 'append' });

describe('a server that starts after another one was killed in an upload to a service', () => {
  it('deletes the parts of a session', async () => {
    const emulator = await opteryx();
    const env = opteryxEnv(emulator, 'v1');
    emulator.inject({ on: 'upload_part', after: 1, times: 9, do: { stall_after_bytes: 3 } });
    await killed(env, 'opteryx_upload_file', append(), () => {
      const { sessions, calls } = emulator.state();
      return sessions[0]?.parts.length === 1 && calls.upload_part > 1;
    });
    const { sessions } = emulator.state();
    expect(sessions).toMatchObject([{ state: 'open', parts: [{}] }]);
    const id = sessions[0]?.id ?? '';
    const text = await record();
    expect(text).toContain(id);
    for (const secret of [emulator.clientId, emulator.clientSecret]) {
      expect(text).not.toContain(secret);
    }
    emulator.clearFaults();
    expect(await nextServer(env)).toContain(id);
    expect(emulator.state()).toMatchObject({
      sessions: [{ state: 'open', parts: [] }],
      commits_executed: 0,
    });
  });

  it('abandons a contract', async () => {
    const emulator = await opteryx();
    const env = opteryxEnv(emulator, 'v2');
    emulator.inject({ on: 'v2.data', after: 1, do: { stall_after_bytes: 3 } });
    await killed(env, 'opteryx_upload_file', append(), () => emulator.state().calls['v2.data'] > 1);
    const { contracts } = emulator.state();
    expect(contracts).toMatchObject([{ writes: [{}] }]);
    const id = contracts[0]?.id ?? '';
    expect(await record()).toContain(id);
    expect(await nextServer(env)).toContain(id);
    expect(emulator.state()).toMatchObject({
      contracts: [{ state: 'abandoned' }],
      commits_executed: 0,
    });
  });

  it('removes nothing of what was being committed, and names it', async () => {
    const emulator = await opteryx();
    const env = opteryxEnv(emulator, 'v1');
    emulator.inject({ on: 'commit', do: { stall_after_bytes: 3 } });
    await killed(env, 'opteryx_upload_file', append(), () => emulator.state().calls.commit > 0);
    const id = emulator.state().sessions[0]?.id ?? '';
    expect(await nextServer(env)).toMatch(new RegExp(`${id}.*may be done`));
    expect(emulator.state()).toMatchObject({
      sessions: [{ parts: [{}, {}, {}] }],
      calls: { delete_part: 0 },
    });
  });
});

describe('an upload in parts whose server was killed', () => {
  async function killedImport() {
    const emulator = await startGeolensEmulator({ thresholdBytes: 10, partBytes: 8 });
    onTestFinished(() => emulator.close());
    const env = { GEOLENS_INSTANCE: emulator.instance, GEOLENS_API_KEY: emulator.apiKey };
    emulator.inject({ on: 'storage.put', after: 1, times: 9, do: { stall_after_bytes: 1 } });
    await killed(env, 'geolens_upload_file', { path: paths[0] }, () => {
      const { multipart, faults_struck: struck } = emulator.state();
      return multipart[0]?.parts.length === 1 && struck > 0;
    });
    expect(emulator.state()).toMatchObject({ multipart: [{ state: 'open', parts: [{}] }] });
    const text = await record();
    for (const secret of [emulator.apiKey, 'Signature']) expect(text).not.toContain(secret);
    return { emulator, env, id: emulator.state().jobs[0]?.id ?? '' };
  }

  it('is aborted by the next one', async () => {
    const { emulator, env, id } = await killedImport();
    expect(await nextServer(env)).toContain(id);
    expect(emulator.state()).toMatchObject({
      multipart: [{ state: 'aborted' }],
      objects: [],
      credentials_seen_by_storage: 0,
    });
  });

  it('is listed and aborted when that is asked for, with its service configured', async () => {
    const { emulator, env, id } = await killedImport();
    const transfers = async (action: string, configured: Env) => {
      const command = started(['transfers', action], configured);
      return { code: await command.ended, out: command.lines.join('\n') };
    };
    const listed = await transfers('list', {});
    expect(listed.out).toMatch(new RegExp(`left behind .*job of GeoLens \\(${id}\\)`));
    const without = { code: 1, out: expect.stringContaining('configure GeoLens') };
    expect(await transfers('clean', {})).toMatchObject(without);
    expect(emulator.state().multipart).toMatchObject([{ state: 'open' }]);
    const cleaned = { code: 0, out: expect.stringMatching(/job of GeoLens .*: removed$/) };
    expect(await transfers('clean', env)).toMatchObject(cleaned);
    expect(emulator.state().multipart).toMatchObject([{ state: 'aborted' }]);
    expect(await noted()).toEqual([]);
  });
});
