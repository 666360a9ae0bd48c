import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type {
  ConnectedService,
  ServiceWiring,
} from '../../../../src/connectors/connected_service.ts';
import { geolensService } from '../../../../src/connectors/geolens/geolens_service.ts';
import { opteryxService } from '../../../../src/connectors/opteryx/opteryx_service.ts';
import { lateStagingJournal } from '../../../../src/connectors/staging/late_staging_journal.ts';
import {
  StagedFolder,
  type StagedRecord,
} from '../../../../src/connectors/staging/staged_record.ts';
import { cleanLeftStaged } from '../../../../src/connectors/staging/staged_recovery.ts';
import type { StagedUpload } from '../../../../src/connectors/staging_journal.ts';
import { createTransferEngine, DEFAULT_LIMITS } from '../../../../src/transfer/engine.ts';
import { createConnections } from '../../../../src/transfer/http/undici_agents.ts';
import {
  complete,
  csv,
  emulatorFor,
  presign,
  putParts,
  SMALL_PARTS,
} from '../../../integration/sandbox/geolens/geolens_fixture.ts';
import {
  negotiation,
  type Opteryx,
  opteryxFor,
  TARGET,
} from '../../../integration/sandbox/opteryx/opteryx_fixture.ts';
import { stagedRecord } from './staged_records.ts';

let folder: string;
let told: { level: string; facts: Readonly<Record<string, unknown>> }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'staged-'));
  told = [];
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const log = {
  info: (facts: object) => told.push({ level: 'info', facts: { ...facts } }),
  warn: (facts: object) => told.push({ level: 'warn', facts: { ...facts } }),
};

const engine = createTransferEngine();
const connections = createConnections(DEFAULT_LIMITS.connectMs);
const wiring: ServiceWiring = {
  dispatcher: () => connections.open('shared'),
  journal: (access, account) => lateStagingJournal({ folder, log }, access, account),
  now: Date.now,
};

/** Opteryx by the clock of this machine, as the credentials of the emulator reach it. */
async function opteryxHere(account: { readonly clientSecret?: string } = {}) {
  const world = await opteryxFor({ now: () => new Date() });
  const { uploadUrl, authUrl, clientId, clientSecret } = world.emulator;
  const settings = { uploadUrl, authUrl, clientId, clientSecret, api: 'auto', ...account } as const;
  return { world, service: opteryxService(settings, wiring) };
}

async function geolensHere() {
  const emulator = await emulatorFor(SMALL_PARTS);
  const { instance, apiKey } = emulator;
  return { emulator, service: geolensService({ instance, apiKey }, wiring) };
}

/** Notes an upload as its connector does, and leaves it. */
async function leave({ journal }: ConnectedService, upload: StagedUpload): Promise<void> {
  await (await journal.begin(upload)).leave();
}

/** A record in nobody's hand, of the service's account but for what is said. */
async function leaveRecord(
  { journal: { account } }: ConnectedService,
  more: Partial<Omit<StagedRecord, 'account'>>,
  other: Partial<StagedRecord['account']> = {},
): Promise<void> {
  if (account === undefined) throw new Error('nothing is noted');
  const file = await new StagedFolder(folder).create();
  await file.write(stagedRecord({ ...more, account: { ...account, ...other } }));
  await file.leave();
}

async function sweep(services: readonly ConnectedService[], accounts: 'same' | 'any' = 'same') {
  const { signal } = new AbortController();
  const options = { folder, services, engine, log, signal };
  return (await cleanLeftStaged(options, accounts)).recovered.map(({ outcome }) => outcome);
}

const session = (id: string) =>
  ({ service: 'opteryx', flow: 'opteryx_session', id }) as const satisfies StagedUpload;
const contract = (id: string) =>
  ({ service: 'opteryx', flow: 'opteryx_contract', id }) as const satisfies StagedUpload;
const job = (id: string) =>
  ({ service: 'geolens', flow: 'geolens_job', id }) as const satisfies StagedUpload;

/** A session in which so many parts are staged. */
async function staged(world: Opteryx, parts: number): Promise<string> {
  const id = await world.session();
  for (let part = 0; part < parts; part += 1) await world.put(id, part * 7, 'id,note\n1,x\n');
  return id;
}

async function negotiated(world: Opteryx): Promise<string> {
  const columns = [
    { name: 'id', type: 'INT64' },
    { name: 'note', type: 'VARCHAR' },
  ];
  const schema = { mode: 'declared', columns };
  const body = negotiation(
    { target: TARGET, schema },
    { name: 'rows.csv', body: 'id,note\n1,x\n' },
  );
  const answer = await world.call('POST', '/v2/contracts', { body });
  return z.object({ contract_id: z.string() }).parse(answer.body).contract_id;
}

describe('a session of parts that its process left', () => {
  it('loses each part that is staged, and its record', async () => {
    const { world, service } = await opteryxHere();
    await leave(service, session(await staged(world, 9)));
    expect(await sweep([service])).toEqual([{ state: 'removed' }]);
    const { sessions, calls } = world.emulator.state();
    expect(sessions).toMatchObject([{ parts: [] }]);
    expect(calls).toMatchObject({ delete_part: 9, commit: 0 });
    expect(await readdir(folder)).toEqual([]);
  });

  it('of which nothing is staged is over', async () => {
    const { world, service } = await opteryxHere();
    await leave(service, session(await staged(world, 0)));
    expect(await sweep([service])).toEqual([{ state: 'over' }]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('of which a part is gone meanwhile loses the others', async () => {
    const { world, service } = await opteryxHere();
    await leave(service, session(await staged(world, 3)));
    world.emulator.inject({ on: 'delete_part', do: { lose_answer: true } });
    expect(await sweep([service])).toMatchObject([{ state: 'held', again: true }]);
    expect(await sweep([service])).toMatchObject([
      { state: expect.stringMatching(/removed|over/) },
    ]);
    expect(world.emulator.state().sessions).toMatchObject([{ parts: [] }]);
  });

  it('is looked at again after its parts are deleted', async () => {
    const { world, service } = await opteryxHere();
    await leave(service, session(await staged(world, 1)));
    world.emulator.inject({ on: 'delete_part', do: { status: 404 } });
    expect(await sweep([service])).toMatchObject([{ state: 'held', again: true }]);
    expect(await sweep([service])).toEqual([{ state: 'removed' }]);
  });
});

describe('a contract that its process left', () => {
  it('is abandoned', async () => {
    const { world, service } = await opteryxHere();
    await leave(service, contract(await negotiated(world)));
    expect(await sweep([service])).toEqual([{ state: 'removed' }]);
    expect(world.emulator.state().contracts).toMatchObject([{ state: 'abandoned' }]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('that was committed stays so', async () => {
    const { world, service } = await opteryxHere();
    const id = await negotiated(world);
    const path = `/v2/contracts/${id}`;
    const headers = { 'x-file-name': 'rows.csv' };
    await world.call('POST', `${path}/data`, { body: 'id,note\n1,x\n', headers });
    await world.call('POST', `${path}/commit`, { json: { message: 'done' } });
    await leave(service, contract(id));
    expect(await sweep([service])).toEqual([{ state: 'over' }]);
    expect(world.emulator.state().contracts).toMatchObject([{ state: 'committed' }]);
  });
});

describe('an upload in parts that its process left', () => {
  const bytes = csv(6);

  it('is aborted', async () => {
    const { emulator, service } = await geolensHere();
    const presigned = await presign(emulator, 'places.csv', bytes.length);
    await putParts(presigned, bytes);
    await leave(service, job(presigned.job_id));
    expect(await sweep([service])).toEqual([{ state: 'removed' }]);
    expect(emulator.state()).toMatchObject({ multipart: [{ state: 'aborted' }], objects: [] });
    expect(await readdir(folder)).toEqual([]);
  });

  it('is tried again where its service cannot abort it now', async () => {
    const { emulator, service } = await geolensHere();
    const { job_id: id } = await presign(emulator, 'places.csv', bytes.length);
    await leave(service, job(id));
    emulator.inject({ on: 'complete', do: { status: 503 } });
    expect(await sweep([service])).toMatchObject([{ state: 'held', again: true }]);
    expect(await sweep([service])).toEqual([{ state: 'removed' }]);
    expect(emulator.state().multipart).toMatchObject([{ state: 'aborted' }]);
  });

  it('that was completed is not touched', async () => {
    const { emulator, service } = await geolensHere();
    const presigned = await presign(emulator, 'places.csv', bytes.length);
    await complete(emulator, presigned, await putParts(presigned, bytes));
    await leave(service, job(presigned.job_id));
    expect(await sweep([service])).toEqual([{ state: 'over' }]);
    expect(emulator.state().multipart).toMatchObject([{ state: 'completed' }]);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('what a service answers to a clean-up', () => {
  const cases: [number, 'over' | 'held', boolean?][] = [
    [404, 'over'],
    [409, 'over'],
    [410, 'over'],
    [403, 'held', false],
    [429, 'held', true],
    [500, 'held', true],
    [503, 'held', true],
    [504, 'held', true],
  ];

  it.each(cases)('of a session: %i is %s (again: %s)', async (status, state, again) => {
    const { world, service } = await opteryxHere();
    await leave(service, session(await staged(world, 1)));
    world.emulator.inject({ on: 'inspect', do: { status } });
    const outcome = again === undefined ? { state } : { state, again };
    expect(await sweep([service])).toMatchObject([outcome]);
    expect(world.emulator.state().calls.inspect).toBe(1);
    const left = state === 'held' ? [expect.stringMatching(/\.left\.json$/)] : [];
    expect(await readdir(folder)).toEqual(left);
  });

  it.each(cases)('of a contract: %i is %s (again: %s)', async (status, state, again) => {
    const { world, service } = await opteryxHere();
    await leave(service, contract(await negotiated(world)));
    world.emulator.inject({ on: 'v2.abandon', do: { status } });
    const outcome = again === undefined ? { state } : { state, again };
    expect(await sweep([service])).toMatchObject([outcome]);
    expect(world.emulator.state().calls['v2.abandon']).toBe(1);
  });

  it('that its credentials are wrong is held, and told without them', async () => {
    const { service } = await opteryxHere({ clientSecret: 'opt_wrong_01' });
    await leave(service, session('s_1'));
    expect(await sweep([service])).toMatchObject([{ state: 'held', again: false }]);
    expect(JSON.stringify(told)).not.toContain('opt_wrong_01');
  });

  it('nothing, as it is away, is tried again later', async () => {
    const { world, service } = await opteryxHere();
    await leave(service, session('s_1'));
    await world.emulator.close();
    expect(await sweep([service])).toMatchObject([{ state: 'held', again: true }]);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('nothing of an id that could lead elsewhere: it is not asked', async () => {
    const { world, service } = await opteryxHere();
    await leave(service, session('../../v2/contracts'));
    expect(await sweep([service])).toMatchObject([{ state: 'held', again: false }]);
    expect(world.emulator.state().calls.inspect).toBe(0);
  });
});

describe('an upload that was being finished', () => {
  it('is not touched, named once, and forgotten', async () => {
    const { world, service } = await opteryxHere();
    const id = await staged(world, 2);
    await leaveRecord(service, { id, step: 'finish' });
    expect(await sweep([service])).toEqual([{ state: 'perhaps_done' }]);
    expect(world.emulator.state()).toMatchObject({
      sessions: [{ parts: [{}, {}] }],
      calls: { inspect: 0, delete_part: 0 },
    });
    expect(told).toMatchObject([{ level: 'warn', facts: { service: 'opteryx', id } }]);
    expect(await sweep([service])).toEqual([]);
  });
});

describe('an upload is left alone', () => {
  it.each([
    ['another account', { account: { fingerprint: 'other' } }],
    ['another address', { account: { api: 'https://elsewhere.test' } }],
  ])('if it is of %s', async (_whose, { account }) => {
    const { world, service } = await opteryxHere();
    await leaveRecord(service, {}, account);
    const before = await readdir(folder);
    expect(await sweep([service])).toEqual([]);
    expect(await readdir(folder)).toEqual(before);
    expect(world.emulator.state().calls.inspect).toBe(0);
  });

  it('if its service is not configured, until its time there is over', async () => {
    const file = await new StagedFolder(folder).create();
    await file.write(stagedRecord({ expiresAt: Date.now() + 3_600_000 }));
    await file.leave();
    expect(await sweep([])).toEqual([]);
    const expired = await new StagedFolder(folder).create();
    await expired.write(stagedRecord({ id: 's_2', expiresAt: Date.now() - 1 }));
    await expired.leave();
    expect(await sweep([])).toEqual([{ state: 'expired' }]);
    const [name = '', ...more] = await readdir(folder);
    expect(more).toEqual([]);
    expect(await readFile(join(folder, name), 'utf8')).toContain('s_1');
  });

  it('while its process lives', async () => {
    const { world, service } = await opteryxHere();
    const entry = await service.journal.begin(session(await staged(world, 1)));
    expect(await sweep([service])).toEqual([]);
    expect(world.emulator.state().sessions).toMatchObject([{ parts: [{}] }]);
    await entry.remove();
  });
});

it('another account that is asked to clean takes a "not found" for no answer', async () => {
  const { world, service } = await opteryxHere();
  for (const id of [await staged(world, 1), 'unknown']) {
    await leaveRecord(service, { id }, { fingerprint: 'renewed' });
  }
  const outcomes = await sweep([service], 'any');
  expect(outcomes.map(({ state }) => state).sort()).toEqual(['held', 'removed']);
  expect(world.emulator.state().sessions).toMatchObject([{ parts: [] }]);
});

it('a record that cannot be read is set aside, and the others are cleaned up', async () => {
  const { world, service } = await opteryxHere();
  await writeFile(join(folder, 'aaaaaaaaaaaaaaaa.left.json'), '{"v":1,');
  await leave(service, session(await staged(world, 1)));
  expect(await sweep([service])).toEqual([{ state: 'removed' }]);
  expect(await readdir(folder)).toEqual(['aaaaaaaaaaaaaaaa.json.damaged']);
});

it('an upload is cleaned up once by many sweeps at the same time', async () => {
  const { world, service } = await opteryxHere();
  for (let n = 0; n < 4; n += 1) await leave(service, session(await staged(world, 2)));
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => sweep([service])));
  expect(outcomes.flat()).toEqual(Array.from({ length: 4 }, () => ({ state: 'removed' })));
  expect(world.emulator.state().calls.delete_part).toBe(8);
});
