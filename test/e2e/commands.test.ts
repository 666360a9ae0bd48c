import { once } from 'node:events';
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { writeScene } from '../scene.ts';
import { COMMAND, spawnCommand } from './spawned.ts';

const announced = z.object({ url: z.string(), token: z.string(), project_id: z.string() }).strict();

let folder: string;

/** What the command left of its own folders where it makes temporary ones. */
async function leftIn(temporary: string): Promise<string[]> {
  return (await readdir(temporary)).filter((name) => name.startsWith('geopera-'));
}

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'geopera-e2e-')));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('geopera-mcp demo', () => {
  it('does the main job and ends with one line of JSON', async () => {
    const demo = spawnCommand({ args: ['demo', '--json'], env: { TMPDIR: folder } });
    expect(await demo.ended, demo.stderr()).toBe(0);
    const report = JSON.parse(demo.lines.at(-1) ?? '');
    const scene = await readFile(new URL('../../examples/harbour_2024.tif', import.meta.url));
    expect(report).toEqual({
      ok: true,
      upload_id: expect.stringMatching(/.+/),
      item_ids: [expect.stringMatching(/.+/)],
      bytes: scene.length,
      sha256_source: expect.stringMatching(/^[0-9a-f]{64}$/),
      sha256_download: report.sha256_source,
      clip: { path: expect.any(String), width: expect.any(Number), height: expect.any(Number) },
    });
    expect(report.clip.width).toBeGreaterThan(100);
    expect((await readFile(report.clip.path)).length).toBeGreaterThan(1000);
    expect(demo.lines.at(-2)).toContain(dirname(report.clip.path));
    expect(await leftIn(folder)).toEqual([basename(dirname(report.clip.path))]);
  });

  it('shows a file of the user', async () => {
    const file = await writeScene(folder, 'mine.tif');
    const args = ['demo', '--json', '--file', file];
    const demo = spawnCommand({ args, env: { TMPDIR: folder } });
    expect(await demo.ended, demo.stderr()).toBe(0);
    expect(JSON.parse(demo.lines.at(-1) ?? '')).toMatchObject({
      ok: true,
      clip: { width: 32, height: 24 },
    });
  });

  it('says what is wrong with a file that is not there', async () => {
    const demo = spawnCommand({ args: ['demo', '--file', join(folder, 'none.tif')] });
    expect(await demo.ended).toBe(1);
    expect(demo.stderr()).toContain('none.tif');
  });

  it('says that a file without a georeference leaves nothing to clip', async () => {
    const file = join(folder, 'notes.bin');
    await writeFile(file, 'only words');
    const demo = spawnCommand({
      args: ['demo', '--json', '--file', file],
      env: { TMPDIR: folder },
    });
    expect(await demo.ended).toBe(1);
    const words = demo.stderr().trim();
    expect(words).toMatch(/^notes\.bin made no georeferenced item.* nothing to clip.*$/);
    expect(JSON.parse(demo.lines.at(-1) ?? '')).toEqual({ ok: false, error: words });
    expect(await leftIn(folder)).toEqual([]);
  });

  it('fails when the bytes that came back are others', async () => {
    // Runs in the demo's process alone: what it downloaded grows just before it is read back.
    const damage = `
      import fs from 'node:fs';
      const { createReadStream } = fs;
      fs.createReadStream = (path, ...rest) => {
        if (path.includes('geopera-demo-')) fs.appendFileSync(path, 'x');
        return createReadStream(path, ...rest);
      };`;
    const demo = spawnCommand({
      nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(damage)}`],
      args: ['demo', '--json'],
      env: { TMPDIR: folder },
    });
    expect(await demo.ended).toBe(1);
    const report = JSON.parse(demo.lines.at(-1) ?? '');
    expect(report).toMatchObject({ ok: false, sha256_source: expect.any(String) });
    expect(report.sha256_download).not.toBe(report.sha256_source);
    expect(demo.stderr()).toContain('differs');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('leaves nothing behind after %s, and ends with %i', async (signal, code) => {
    const demo = spawnCommand({ args: ['demo', '--json'], env: { TMPDIR: folder } });
    await once(demo.process.stdout, 'data');
    demo.process.kill(signal);
    // The server inherits stderr, so the end of both is what is waited for.
    expect(await demo.ended, demo.stderr()).toBe(code);
    expect(JSON.parse(demo.lines.at(-1) ?? '')).toEqual({
      ok: false,
      error: expect.stringContaining(signal),
    });
    expect(await leftIn(folder)).toEqual([]);
  });
});

describe('geopera-mcp sandbox', () => {
  it('announces itself in one line, and keeps its state across restarts', async () => {
    const args = ['sandbox', '--data', join(folder, 'data')];
    const announcements: z.output<typeof announced>[] = [];
    for (let round = 0; round < 2; round += 1) {
      const sandbox = spawnCommand({ args });
      await sandbox.message(() => true);
      const announcement = announced.parse(JSON.parse(sandbox.lines[0] ?? ''));
      const headers = { authorization: `Bearer ${announcement.token}` };
      const body = JSON.stringify({ project_id: announcement.project_id, total_bytes: 10 });
      const path = `${announcement.url}/v1/op/uploads.initiate`;
      const answer = await fetch(path, { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
      const state = await (await fetch(`${announcement.url}/sandbox/state`)).json();
      expect(state).toMatchObject({ open_sessions: round + 1, reserved_bytes: 10 * (round + 1) });
      sandbox.process.kill('SIGTERM');
      expect(await sandbox.ended, sandbox.stderr()).toBe(0);
      expect(sandbox.lines).toHaveLength(1);
      announcements.push(announcement);
    }
    const [first, second] = announcements;
    expect(second).toEqual({ ...first, url: second?.url });
  });

  it('refuses a folder in which another one runs, and takes it over after kill -9', async () => {
    const data = join(folder, 'data');
    const args = ['sandbox', '--data', data];
    const first = spawnCommand({ args });
    await first.message(() => true);
    const second = spawnCommand({ args });
    expect(await second.ended).toBe(1);
    expect(second.lines).toEqual([]);
    expect(second.stderr()).toContain(data);
    expect(second.stderr()).toContain(`process ${first.process.pid}`);
    first.process.kill('SIGKILL');
    await first.ended;
    const third = spawnCommand({ args });
    await third.message(() => true);
    third.process.kill('SIGTERM');
    expect(await third.ended, third.stderr()).toBe(0);
    expect(await readdir(data)).not.toContain('sandbox.lock');
  });

  it('says in words that its port is taken, and leaves no folder', async () => {
    const first = spawnCommand({ args: ['sandbox'] });
    await first.message(() => true);
    const { port } = new URL(announced.parse(JSON.parse(first.lines[0] ?? '')).url);
    const second = spawnCommand({ args: ['sandbox', '--port', port], env: { TMPDIR: folder } });
    expect(await second.ended).toBe(1);
    expect(second.stderr()).toBe(
      `Port ${port} on 127.0.0.1 is taken by another process. Choose another one, or 0 for any free one.\n`,
    );
    expect(await leftIn(folder)).toEqual([]);
    first.process.kill('SIGTERM');
    await first.ended;
  });
});

describe('switches of the sandbox', () => {
  it('set its quota and how storage refuses an expired URL', async () => {
    const flags = ['--quota-bytes', '10', '--url-lifetime', '1', '--expired-status', '403'];
    const sandbox = spawnCommand({ args: ['sandbox', ...flags] });
    await sandbox.message(() => true);
    const { url, token, project_id } = announced.parse(JSON.parse(sandbox.lines[0] ?? ''));
    const post = (path: string, body: object) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
    const tooMuch = await post('/v1/op/uploads.initiate', { project_id, total_bytes: 11 });
    expect(tooMuch.status).toBe(402);
    const session = await post('/v1/op/uploads.initiate', { project_id, total_bytes: 1 });
    const { id: upload_id } = z.object({ id: z.string() }).parse(await session.json());
    await post('/sandbox/faults', { on: 'uploads.signed_url', do: { expire: true } });
    const signed = await post('/v1/op/uploads.signed_url', { upload_id, file_name: 'a' });
    const { upload_url } = z.object({ upload_url: z.string() }).parse(await signed.json());
    const headers = { 'content-type': 'application/octet-stream' };
    expect((await fetch(upload_url, { method: 'PUT', headers, body: 'x' })).status).toBe(403);
    sandbox.process.kill('SIGTERM');
    expect(await sandbox.ended).toBe(0);
  });
});

describe('geopera-mcp --sandbox', () => {
  it('serves the tools on a sandbox of its own, whose project stands in the instructions', async () => {
    const client = new Client({ name: 'test', version: '1.0.0' });
    const args = [COMMAND, '--sandbox', '--allow-dir', folder];
    await client.connect(new StdioClientTransport({ command: process.execPath, args }));
    const project = /project_id (\S+?)\.?(?:\s|$)/.exec(client.getInstructions() ?? '')?.[1];
    const path = await writeScene(folder, 'a.tif');
    const result = await client.callTool({
      name: 'upload_local_file',
      arguments: { path, project_id: project },
    });
    await client.close();
    expect(result).not.toHaveProperty('isError', true);
    expect(result.structuredContent).toMatchObject({ item_ids: [expect.any(String)] });
  });
});

describe('what was asked wrongly', () => {
  it.each([
    [['--no-such-flag'], '--no-such-flag'],
    [['--parallel-files', 'many'], '--parallel-files or GEOPERA_PARALLEL_FILES'],
    [['--api-url', 'http://api.example.com'], '--api-url or GEOPERA_API_URL'],
    [['sandbox', '--file', 'x'], '--file'],
  ])('%j ends with 2 and says where the fault is', async (args, words) => {
    const command = spawnCommand({ args });
    expect(await command.ended).toBe(2);
    expect(command.stderr()).toContain(words);
    expect(command.lines).toEqual([]);
  });
});
