import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openapiDocument } from '../../src/sandbox/openapi_document.ts';
import { json, type TinyApi, tinyApi } from '../unit/geopera/tiny_api.ts';
import { spawnCommand } from './spawned.ts';

const report = z.object({
  ok: z.boolean(),
  findings: z.array(
    z.object({
      check: z.string(),
      state: z.enum(['ok', 'warning', 'fault']),
      found: z.string(),
      details: z.array(z.string()).optional(),
    }),
  ),
});

const document = z
  .object({ paths: z.record(z.object({ post: z.record(z.unknown()) })) })
  .passthrough();

const TOKEN = 'gpra_s3cr3t';

let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'geopera-doctor-')));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What the command says, as a program reads it, and how it ends. */
async function examined(args: readonly string[], env: Record<string, string> = {}) {
  const state = join(folder, 'state');
  const doctor = spawnCommand({ args: ['doctor', '--json', '--state-dir', state, ...args], env });
  const code = await doctor.ended;
  expect(doctor.lines, doctor.stderr()).toHaveLength(1);
  expect(`${doctor.lines.join()} ${doctor.stderr()}`).not.toContain('s3cr3t');
  const { ok, findings } = report.parse(JSON.parse(doctor.lines[0] ?? ''));
  return { code, ok, ill: findings.filter(({ state: it }) => it !== 'ok') };
}

const at = (api: TinyApi) => ({ GEOPERA_API_URL: api.url, GEOPERA_API_TOKEN: TOKEN });

/** An API that publishes this, and accepts any token. */
function publishing(live: unknown, headers: Record<string, string> = {}): Promise<TinyApi> {
  return tinyApi((response, request) => {
    const answer =
      request.path === '/openapi.json' ? live : { geopera_org_id: 'org_1', scope: '*' };
    json(answer, 200, headers)(response, request);
  });
}

describe('geopera-mcp doctor', () => {
  it('finds that all is well with a sandbox', async () => {
    const { code, ok, ill } = await examined(['--sandbox', '--allow-dir', folder]);
    expect([code, ok, ill]).toEqual([0, true, []]);
  });

  it('tells people in lines', async () => {
    const args = ['doctor', '--sandbox', '--allow-dir', folder, '--state-dir', folder];
    const doctor = spawnCommand({ args });
    expect(await doctor.ended, doctor.stderr()).toBe(0);
    expect(doctor.lines.at(-1)).toBe('All is well.');
    expect(doctor.lines).toContain(`ok  folders       ${folder} can be read and written`);
    for (const line of doctor.lines.slice(0, -2)) expect(line).toMatch(/^ok {2}\w/);
  });

  it('ends with 1 and says why where a token is not accepted and a folder is missing', async () => {
    const sandbox = spawnCommand({ args: ['sandbox'] });
    await sandbox.message(() => true);
    const { url } = z.object({ url: z.string() }).parse(JSON.parse(sandbox.lines[0] ?? ''));
    const args = ['--allow-dir', join(folder, 'none')];
    const env = { GEOPERA_API_URL: url, GEOPERA_API_TOKEN: TOKEN };
    const { code, ok, ill } = await examined(args, env);
    expect([code, ok]).toEqual([1, false]);
    expect(ill).toMatchObject([
      { check: 'token', state: 'fault', found: expect.stringContaining('401') },
      { check: 'folders', state: 'fault', found: expect.stringContaining('does not exist') },
    ]);
    sandbox.process.kill('SIGTERM');
    await sandbox.ended;
  });

  it('tells what is new, gone and changed in the live API', async () => {
    const live = document.parse(openapiDocument());
    live.paths['/v1/op/items.merge'] = { post: { 'x-required-scope': 'items:write' } };
    delete live.paths['/v1/op/uploads.fail'];
    const { post } = live.paths['/v1/op/items.get'] ?? {};
    if (post) post['x-required-scope'] = 'items:see';
    const { code, ill } = await examined([], at(await publishing(live)));
    expect(code).toBe(1);
    expect(ill).toMatchObject([
      { check: 'operations', state: 'warning', details: ['items.merge'] },
      { check: 'operations', state: 'fault', details: ['uploads.fail'] },
      {
        check: 'operations',
        state: 'warning',
        details: ['items.get: needs the scope items:see, not items:read'],
      },
    ]);
  });

  it('sees that a clock is off', async () => {
    const date = new Date(Date.now() + 600_000).toUTCString();
    const { code, ill } = await examined([], at(await publishing(openapiDocument(), { date })));
    expect(code).toBe(1);
    expect(ill).toMatchObject([
      { check: 'clock', state: 'fault', found: expect.stringMatching(/10 min behind/) },
    ]);
  });

  it('can be ended while it waits', async () => {
    let asked = () => {};
    const arrived = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { url } = await tinyApi(() => asked());
    const env = { GEOPERA_API_URL: url, GEOPERA_API_TOKEN: TOKEN };
    const doctor = spawnCommand({ args: ['doctor'], env });
    await arrived;
    doctor.process.kill('SIGTERM');
    expect(await doctor.ended).toBe(1);
    expect(doctor.stderr()).toContain('SIGTERM');
    expect(doctor.lines).toEqual([]);
  });
});
