import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { readRequest } from '../../../src/command_line.ts';
import { runTransfers } from '../../../src/commands/transfers.ts';
import {
  StagedFolder,
  type StagedRecord,
  stagingAccount,
} from '../../../src/connectors/staging/staged_record.ts';
import { opteryxFor } from '../../integration/sandbox/opteryx/opteryx_fixture.ts';
import { stagedRecord } from '../connectors/staging/staged_records.ts';

const entries = z.array(z.record(z.unknown()));
const facts = z.object({
  transfers: entries.default([]),
  cleaned: entries.default([]),
  not_cleaned: entries.default([]),
});

let base: string;
let services: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'transfers-'));
  services = join(base, 'state', 'services');
  await mkdir(services, { recursive: true });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(base, { recursive: true, force: true });
});

async function left(more: Partial<StagedRecord> = {}): Promise<void> {
  const file = await new StagedFolder(services).create();
  await file.write(stagedRecord(more));
  await file.leave();
}

/** What the command prints, and how it ends. */
async function run(words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const argv = ['transfers', ...words, '--state-dir', join(base, 'state')];
  const request = readRequest(argv, { GEOPERA_API_URL: 'http://127.0.0.1:9', ...env });
  if (request.kind !== 'run') throw new Error('not a command to run');
  const written: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  const failure = await runTransfers(request.config).catch((error: unknown) => error);
  write.mockRestore();
  return { text: written.join(''), failure };
}

async function asJson(action: string, env: NodeJS.ProcessEnv = {}) {
  const { text, failure } = await run([action, '--json'], env);
  return { ...facts.parse(JSON.parse(text)), failure };
}

/** Opteryx with a session in which a part is staged, and how a command is told of it. */
async function opteryxWithSession() {
  const world = await opteryxFor({ now: () => new Date() });
  const { uploadUrl, authUrl, clientId, clientSecret } = world.emulator;
  const id = await world.session();
  await world.put(id, 0, 'id,note\n1,x\n');
  const account = stagingAccount({ service: 'opteryx', baseUrl: uploadUrl }, clientId);
  const env = {
    OPTERYX_UPLOAD_URL: uploadUrl,
    OPTERYX_AUTH_URL: authUrl,
    OPTERYX_CLIENT_ID: clientId,
    OPTERYX_CLIENT_SECRET: clientSecret,
  };
  return { world, id, account, env };
}

describe('transfers list', () => {
  it('shows uploads to services, with what they are there and when they go', async () => {
    await left({ expiresAt: Date.parse('2100-01-01T00:00:00Z') });
    expect((await asJson('list')).transfers).toMatchObject([
      {
        kind: 'upload',
        state: 'left_behind',
        service: 'opteryx',
        flow: 'opteryx_session',
        upload_id: 's_1',
        api: 'https://upload.test',
        expires_at: '2100-01-01T00:00:00.000Z',
      },
    ]);
    expect((await run(['list'])).text).toMatch(/upload +left behind .*session of Opteryx \(s_1\)/);
  });
});

describe('transfers clean', () => {
  it.each(['same', 'renewed'])('removes what is staged, by the %s account', async (whose) => {
    const { world, id, account, env } = await opteryxWithSession();
    const fingerprint = whose === 'same' ? account.fingerprint : 'renewed';
    await left({ id, account: { ...account, fingerprint } });
    expect(await asJson('clean', env)).toMatchObject({
      cleaned: [{ upload_id: id, outcome: 'removed' }],
      not_cleaned: [],
      failure: undefined,
    });
    expect(world.emulator.state().sessions).toMatchObject([{ parts: [] }]);
    expect(await readdir(services)).toEqual([]);
  });

  it('says which service to configure, and forgets nothing', async () => {
    await left();
    await left({ service: 'geolens', flow: 'geolens_job', id: 'j_1' });
    const { not_cleaned: stuck, failure } = await asJson('clean');
    expect(stuck.map(({ reason }) => reason).sort()).toEqual([
      expect.stringMatching(/configure GeoLens \(GEOLENS_INSTANCE.*runs out by itself/),
      expect.stringMatching(/configure Opteryx .*https:\/\/upload\.test/),
    ]);
    expect(failure).toBeInstanceOf(Error);
    expect(await readdir(services)).toHaveLength(2);
  });

  it('does not ask for a record to be removed while its service is only away', async () => {
    const { world, id, account, env } = await opteryxWithSession();
    await left({ id, account });
    world.emulator.inject({ on: 'inspect', do: { status: 503 } });
    const { not_cleaned: stuck } = await asJson('clean', env);
    expect(stuck.map(({ reason }) => reason)).toEqual([expect.not.stringContaining('remove')]);
    expect(world.emulator.state().sessions).toMatchObject([{ parts: [{}] }]);
  });

  it.each<[string, Partial<StagedRecord>, string]>([
    ['what ran out', { expiresAt: Date.now() - 1 }, 'it had run out by itself'],
    ['what may be done', { step: 'finish', expiresAt: Date.now() - 1 }, 'it may be done'],
  ])('forgets %s, without a service', async (_what, more, words) => {
    await left(more);
    const { text, failure } = await run(['clean']);
    expect(text).toContain(`session of Opteryx (s_1): `);
    expect(text).toContain(words);
    expect(failure).toBeUndefined();
    expect(await readdir(services)).toEqual([]);
  });

  it('reports a record that it cannot read, once', async () => {
    await writeFile(join(services, 'aaaaaaaaaaaaaaaa.left.json'), '{');
    expect((await asJson('list')).transfers).toMatchObject([{ state: 'unreadable' }]);
    expect((await asJson('clean')).not_cleaned).toMatchObject([
      { reason: expect.stringContaining('could not be read') },
    ]);
    expect(await readdir(services)).toEqual([]);
    expect(await asJson('clean')).toMatchObject({ cleaned: [], not_cleaned: [] });
  });
});
