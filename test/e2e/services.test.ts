import { once } from 'node:events';
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { COMMAND, type Spawned, spawnCommand } from './spawned.ts';

const opteryxAnnounced = z
  .object({
    upload_url: z.string().url(),
    auth_url: z.string().url(),
    client_id: z.string(),
    client_secret: z.string().regex(/^opt_\w+_01$/),
  })
  .strict();
const geolensAnnounced = z.object({ instance: z.string().url(), api_key: z.string() }).strict();
const announced = z.object({
  url: z.string().url(),
  opteryx: opteryxAnnounced.optional(),
  geolens: geolensAnnounced.optional(),
});

/** A demo starts two or three servers and waits for imports: longer than other tests, on a busy machine. */
const TIMEOUT_MS = 120_000;

/** Where the command makes temporary folders. */
let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'services-e2e-')));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const spawnHere = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  spawnCommand({ args, env: { TMPDIR: folder, ...env } });

const lastLine = ({ lines }: Spawned): unknown => JSON.parse(lines.at(-1) ?? '');

describe('geopera-mcp demo --service opteryx', { timeout: TIMEOUT_MS }, () => {
  it('shows both flows, and all rows arrive by each', async () => {
    const demo = spawnHere(['demo', '--service', 'opteryx', '--json']);
    expect(await demo.ended, demo.stderr()).toBe(0);
    expect(lastLine(demo)).toEqual({
      ok: true,
      service: 'opteryx',
      files: 3,
      bytes: expect.any(Number),
      contract: {
        table: 'harbour.port.ships',
        commit_id: expect.stringMatching(/.+/),
        rows: 3000,
        commits: 2,
      },
      session: {
        table: 'harbour.port.ships_in_parts',
        commit_id: expect.stringMatching(/.+/),
        rows: 3000,
        commits: 1,
      },
    });
    const said = demo.lines.join('\n');
    expect(said).toMatch(/the plan: call INT64, .*remarks VARCHAR/);
    expect(said).toMatch(/the user is asked first: .*harbour\.port\.ships.* the answer is yes/);
    expect(said).toContain('3 parts');
    expect(await readdir(folder)).toEqual([]);
  });

  it.each<[name: string, bytes: () => Buffer, rows: number]>([
    ['mine.csv', () => Buffer.from('a,b\n1,"two\nlines"\n2,x\n'), 2],
    ['mine.ndjson', () => Buffer.from('{"a":1}\n{"a":2}\n{"a":3}\n'), 3],
    ['mine.csv.gz', () => gzipSync('a,b\n1,x\n'), 1],
  ])('shows a table of the user: %s', async (name, bytes, rows) => {
    const file = join(folder, name);
    await writeFile(file, bytes());
    const demo = spawnHere(['demo', '--service', 'opteryx', '--json', '--file', file]);
    expect(await demo.ended, demo.stderr()).toBe(0);
    expect(lastLine(demo)).toMatchObject({
      ok: true,
      files: 1,
      contract: { rows, commits: 2 },
      session: { rows, commits: 1 },
    });
    expect(await readdir(folder)).toEqual([name]);
  });

  it('says in words that a file is no table, and leaves nothing', async () => {
    const file = join(folder, 'scene.tif');
    await writeFile(file, 'no table');
    const demo = spawnHere(['demo', '--service', 'opteryx', '--json', '--file', file]);
    expect(await demo.ended).toBe(1);
    expect(demo.stderr()).toContain('scene.tif');
    expect(lastLine(demo)).toEqual({ ok: false, error: expect.stringContaining('scene.tif') });
    expect(await readdir(folder)).toEqual(['scene.tif']);
  });
});

describe('geopera-mcp demo --service geolens', { timeout: TIMEOUT_MS }, () => {
  it('shows an upload in parts and one by a form, and both arrive byte for byte', async () => {
    const demo = spawnHere(['demo', '--service', 'geolens', '--json']);
    expect(await demo.ended, demo.stderr()).toBe(0);
    const scene = await readFile(new URL('../../examples/harbour_2024.tif', import.meta.url));
    const digest = z.string().regex(/^[0-9a-f]{64}$/);
    const dataset = z
      .object({
        file: z.string(),
        bytes: z.number(),
        dataset_id: z.string().min(1),
        sha256_source: digest,
        sha256_arrived: digest,
      })
      .strict();
    const { ok, presigned, form } = z
      .object({ ok: z.boolean(), presigned: dataset, form: dataset })
      .parse(lastLine(demo));
    expect(ok).toBe(true);
    expect(presigned).toMatchObject({ file: 'harbour_2024.tif', bytes: scene.length });
    expect(presigned.sha256_arrived).toBe(presigned.sha256_source);
    expect(form.sha256_arrived).toBe(form.sha256_source);
    const said = demo.lines.join('\n');
    expect(said).toContain('5 parts');
    expect(said).toContain('1024 × 1024 pixels, 3 bands of uint8, EPSG:32756');
    expect(said).toContain('5 features (Point), EPSG:4326');
    expect(await readdir(folder)).toEqual([]);
  });

  it('shows a file of the user', async () => {
    const file = join(folder, 'mine.csv');
    await writeFile(file, 'lon,lat\n151.2,-33.8\n');
    const demo = spawnHere(['demo', '--service', 'geolens', '--json', '--file', file]);
    expect(await demo.ended, demo.stderr()).toBe(0);
    expect(lastLine(demo)).toMatchObject({ ok: true, presigned: { file: 'mine.csv', bytes: 20 } });
  });
});

describe('a demo of a service', { timeout: TIMEOUT_MS }, () => {
  it.each([
    ['opteryx', 'SIGINT', 130],
    ['geolens', 'SIGTERM', 143],
  ] as const)(
    'of %s leaves nothing behind after %s, and ends with %i',
    async (service, signal, code) => {
      const demo = spawnHere(['demo', '--service', service, '--json']);
      await once(demo.process.stdout, 'data');
      demo.process.kill(signal);
      expect(await demo.ended, demo.stderr()).toBe(code);
      expect(lastLine(demo)).toEqual({ ok: false, error: expect.stringContaining(signal) });
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it.each(['opteryx', 'geolens'])(
    'of %s heeds no settings of its surroundings',
    async (service) => {
      const file = join(folder, 'mine.csv');
      await writeFile(file, 'a\n1\n');
      const nowhere = 'http://127.0.0.1:9';
      const demo = spawnHere(['demo', '--service', service, '--json', '--file', file], {
        GEOPERA_TOOLSETS: 'none_such',
        OPTERYX_UPLOAD_URL: nowhere,
        OPTERYX_AUTH_URL: nowhere,
        OPTERYX_TOKEN: 'not.a.token',
        OPTERYX_API: 'v1',
        GEOLENS_INSTANCE: nowhere,
        GEOLENS_TOKEN: 'not.a.token',
      });
      expect(await demo.ended, demo.stderr()).toBe(0);
      expect(lastLine(demo)).toMatchObject({ ok: true });
    },
  );

  it('is of a service that there is', async () => {
    const demo = spawnHere(['demo', '--service', 'mapbox']);
    expect(await demo.ended).toBe(2);
    expect(demo.stderr()).toContain('--service');
    expect(demo.lines).toEqual([]);
  });
});

describe('geopera-mcp sandbox --with', { timeout: TIMEOUT_MS }, () => {
  it('announces both services, which a server can then be pointed at', async () => {
    const sandbox = spawnHere(['sandbox', '--with', 'opteryx,geolens']);
    await sandbox.message(() => true);
    const { opteryx, geolens } = announced.parse(JSON.parse(sandbox.lines[0] ?? ''));
    const table = join(folder, 'ships.csv');
    await writeFile(table, 'ship,lon,lat\nHeron,151.2,-33.8\n');
    const client = new Client({ name: 'test', version: '1.0.0' });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [COMMAND, '--allow-dir', folder],
        env: {
          TMPDIR: folder,
          GEOPERA_STATE_DIR: join(folder, 'state'),
          OPTERYX_UPLOAD_URL: opteryx?.upload_url ?? '',
          OPTERYX_AUTH_URL: opteryx?.auth_url ?? '',
          OPTERYX_CLIENT_ID: opteryx?.client_id ?? '',
          OPTERYX_CLIENT_SECRET: opteryx?.client_secret ?? '',
          GEOLENS_INSTANCE: geolens?.instance ?? '',
          GEOLENS_API_KEY: geolens?.api_key ?? '',
        },
      }),
    );
    const target = { workspace: 'w', collection: 'c', dataset: 'ships' };
    const columns = [
      { name: 'ship', type: 'VARCHAR' },
      { name: 'lon', type: 'FLOAT64' },
      { name: 'lat', type: 'FLOAT64' },
    ];
    const rows = await client.callTool({
      name: 'opteryx_upload_file',
      arguments: { path: table, ...target, columns },
    });
    const dataset = await client.callTool({
      name: 'geolens_upload_file',
      arguments: { path: table },
    });
    await client.close();
    sandbox.process.kill('SIGTERM');
    expect(await sandbox.ended, sandbox.stderr()).toBe(0);
    expect(rows.structuredContent).toMatchObject({ table: 'w.c.ships', rows_written: 1 });
    expect(dataset.structuredContent).toMatchObject({ dataset_id: expect.stringMatching(/.+/) });
    expect((await readdir(folder)).sort()).toEqual(['ships.csv', 'state']);
  });

  it.each([
    ['opteryx', ['opteryx']],
    ['geolens', ['geolens']],
    ['opteryx opteryx', ['opteryx']],
  ])('starts %s, and nothing that was not asked for', async (names, started) => {
    const sandbox = spawnHere(['sandbox', '--with', names]);
    await sandbox.message(() => true);
    const announcement = announced.parse(JSON.parse(sandbox.lines[0] ?? ''));
    const folders = await readdir(folder);
    sandbox.process.kill('SIGTERM');
    expect(await sandbox.ended, sandbox.stderr()).toBe(0);
    expect(Object.keys(announcement)).toEqual(['url', ...started]);
    expect(folders.some((name) => name.startsWith('geolens-'))).toBe(started.includes('geolens'));
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves nothing of the sandbox when a service cannot start', async () => {
    const data = join(folder, 'data');
    // Objects of the stand-in are kept where temporary folders are.
    const env = { TMPDIR: join(folder, 'none') };
    const sandbox = spawnHere(['sandbox', '--data', data, '--with', 'opteryx,geolens'], env);
    expect(await sandbox.ended).toBe(1);
    expect(sandbox.lines).toEqual([]);
    expect(sandbox.stderr()).toContain('none');
    expect(await readdir(data)).not.toContain('sandbox.lock');
  });

  it('refuses a service that it does not know', async () => {
    const sandbox = spawnHere(['sandbox', '--with', 'opteryx,mapbox']);
    expect(await sandbox.ended).toBe(2);
    expect(sandbox.stderr()).toContain('--with');
    expect(sandbox.stderr()).toContain('must be opteryx or geolens');
  });
});
