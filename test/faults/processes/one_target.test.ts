import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { uploadFacts } from '../../integration/world.ts';
import { writeBytes } from '../../scene.ts';
import { type SandboxProcess, startSandboxProcess } from '../sandbox_process.ts';
import { type ServerProcess, startServer } from '../server_process.ts';

const SIZE = 4_000_000;

let base: string;
let folder: string;
let sandbox: SandboxProcess;
let servers: ServerProcess[];
let itemId: string;
let bytes: Buffer;

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'geopera-two-')));
  folder = join(base, 'work');
  await mkdir(folder);
  sandbox = await startSandboxProcess(join(base, 'sandbox'));
  const place = { sandbox, folders: [folder, base], stateHome: join(base, 'state') };
  servers = await Promise.all([startServer(place), startServer(place), startServer(place)]);
  const path = await writeBytes(base, 'scene.bin', SIZE);
  bytes = await readFile(path);
  const sent = await first().call('upload_local_file', { path, project_id: sandbox.projectId });
  itemId = uploadFacts.parse(sent.facts).item_ids[0] ?? '';
});

afterEach(async () => {
  await Promise.all(servers.map((server) => server.kill().catch(() => undefined)));
  await sandbox.close();
  await rm(base, { recursive: true, force: true });
});

function first(): ServerProcess {
  const [server] = servers;
  if (server === undefined) throw new Error('no server');
  return server;
}

const target = () => join(folder, 'back.bin');

function download(server: ServerProcess, overwrite: boolean) {
  const args = { item_id: itemId, asset_id: 'data', path: target(), overwrite };
  return server.call('download_asset_to_path', args);
}

/** Bodies take a while, so that all of them are on their way at the same time. */
const slowLine = () =>
  sandbox.inject({ on: 'storage.get', times: 100, do: { bytes_per_second: SIZE * 2 } });

async function expectNothingElse(): Promise<void> {
  expect((await readFile(target())).equals(bytes)).toBe(true);
  expect(await readdir(folder)).toEqual(['back.bin']);
  expect(await readdir(join(base, 'state', 'geopera-mcp', 'downloads'))).toEqual([]);
}

describe('several processes and one target', () => {
  it('one of them makes the file, the others are told that it is there', async () => {
    await slowLine();
    const answers = await Promise.all(servers.map((server) => download(server, false)));
    const told = answers.map(({ isError, text }) => (isError ? text : 'made')).sort();
    expect(told.filter((text) => text === 'made')).toHaveLength(1);
    for (const text of told.filter((it) => it !== 'made')) expect(text).toMatch(/exists/);
    await expectNothingElse();
  });

  it('with overwriting, all succeed, and the file is whole at each moment', async () => {
    await writeFile(target(), bytes);
    await slowLine();
    let over = false;
    const answers = Promise.all(servers.map((server) => download(server, true))).finally(() => {
      over = true;
    });
    while (!over) {
      expect((await readFile(target())).equals(bytes)).toBe(true);
    }
    for (const { isError, text } of await answers) expect(isError, text).toBe(false);
    await expectNothingElse();
  });

  it('what a killed one left goes to one of those that ask for it', async () => {
    // Long enough for a journal.
    await sandbox.inject({ on: 'storage.get', do: { bytes_per_second: SIZE / 8 } });
    const [victim, ...others] = servers;
    if (victim === undefined) throw new Error('no server');
    const broken = download(victim, false).catch(() => undefined);
    const noted = async () => {
      const journals = join(base, 'state', 'geopera-mcp', 'downloads');
      const [name] = await readdir(journals).catch(() => []);
      // It is written anew and renamed now and then: a name may be gone once it is read.
      const text =
        name === undefined ? '' : await readFile(join(journals, name), 'utf8').catch(() => '');
      return text.split('\n').length > 2;
    };
    while (!(await noted())) await new Promise((resolve) => setTimeout(resolve, 50));
    await victim.kill();
    await broken;
    await slowLine();
    const answers = await Promise.all(others.map((server) => download(server, true)));
    for (const { isError, text } of answers) expect(isError, text).toBe(false);
    const resumed = answers.filter(({ facts }) => Number(facts['resumed_bytes'] ?? 0) > 0);
    expect(resumed).toHaveLength(1);
    await expectNothingElse();
  });
});
