import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type OpteryxEmulator,
  type OpteryxEmulatorOptions,
  type OpteryxFault,
  startOpteryxEmulator,
} from '../../../src/sandbox/opteryx/opteryx_emulator.ts';
import { startWorld, type World, type WorldOptions } from '../world.ts';

const TARGET = { workspace: 'acme', collection: 'port', dataset: 'ships' };
const TABLE = 'acme.port.ships';
const CSV = 'id,name\n1,Ada\n2,Bob\n';
const EXISTING = { table: TABLE, columns: { id: 'INT64', name: 'VARCHAR' }, rows: 5 };

let emulator: OpteryxEmulator;
let world: World;

interface Setting extends WorldOptions {
  readonly api?: 'v1' | 'v2' | 'auto';
  readonly service?: OpteryxEmulatorOptions;
}

async function start({ api = 'v1', service, ...more }: Setting = {}): Promise<void> {
  emulator = await startOpteryxEmulator(service);
  const { uploadUrl, authUrl, clientId, clientSecret } = emulator;
  const config = {
    opteryxUploadUrl: uploadUrl,
    opteryxAuthUrl: authUrl,
    opteryxClientId: clientId,
    opteryxClientSecret: clientSecret,
    opteryxApi: api,
  };
  world = await startWorld({ ...more, config: { ...config, ...more.config } });
}

afterEach(async () => {
  await world.close();
  await emulator.close();
});

async function file(name: string, content: string | Uint8Array = CSV): Promise<string> {
  const path = join(world.folder, name);
  await writeFile(path, content);
  return path;
}

const upload = (args: object) => world.call('opteryx_upload_file', { ...TARGET, ...args });
const calls = () => emulator.state().calls;

describe('opteryx_upload_file by a session', () => {
  it('brings one file, and tells the table, the commit and what was compared', async () => {
    await start();
    const { facts, isError } = await upload({ path: await file('ships.csv') });
    expect(isError).toBe(false);
    expect(facts).toMatchObject({
      status: 'completed',
      table: TABLE,
      commit_id: emulator.state().datasets[0]?.snapshots[0]?.id,
      rows_written: 2,
      parts: 1,
      bytes: CSV.length,
      compared: 'which parts arrived, and their 2 rows',
    });
    expect(emulator.rowsOf(TABLE)).toEqual([
      { id: '1', name: 'Ada' },
      { id: '2', name: 'Bob' },
    ]);
  });

  it('tells if other rows were written than were staged', async () => {
    await start();
    const body = { table: TABLE, commit_id: 'c_1', rows_written: 1, files_created: 1 };
    emulator.inject({ on: 'commit', do: { status: 200, body } });
    const { facts } = await upload({ path: await file('ships.csv') });
    expect(facts).toMatchObject({ status: 'completed', commit_id: 'c_1', rows_written: 1 });
    expect(facts['note']).toMatch(/^2 rows were staged.*wrote 1/);
  });

  it('brings several as one', async () => {
    await start();
    const paths = [await file('a.csv'), await file('b.csv'), await file('c.csv')];
    const { facts } = await upload({ paths, snapshot_message: 'three' });
    expect(facts).toMatchObject({ rows_written: 6, parts: 3 });
    expect(emulator.state().datasets[0]?.snapshots).toMatchObject([{ message: 'three' }]);
  });

  it.each<[string, (folder: string) => object, string, string]>([
    ['no file', () => ({}), 'invalid_arguments', 'path or paths'],
    [
      'one file twice',
      (folder) => ({ path: join(folder, 'a.csv'), paths: [join(folder, 'sub/../a.csv')] }),
      'invalid_arguments',
      'a.csv is named twice',
    ],
    ['a file elsewhere', () => ({ path: '/etc/hosts' }), 'path_outside', ''],
    [
      'another kind',
      (folder) => ({ path: join(folder, 'map.tif') }),
      'table_refused',
      'map.tif is not taken: only tables are taken',
    ],
    [
      'no table inside',
      (folder) => ({ path: join(folder, 'odd.parquet') }),
      'table_refused',
      'odd.parquet is not taken',
    ],
    [
      'columns, for which there is no contract',
      (folder) => ({
        path: join(folder, 'a.csv'),
        columns: [{ name: 'id', type: 'INT64' }],
      }),
      'opteryx_rejected',
      'leave them out',
    ],
  ])('refuses %s, and asks nothing of the service', async (_which, args, code, words) => {
    await start();
    await mkdir(join(world.folder, 'sub'));
    for (const name of ['a.csv', 'map.tif', 'odd.parquet']) await file(name);
    const answer = await upload(args(world.folder));
    expect(answer).toMatchObject({ isError: true, errorCode: code });
    expect(answer.text).toContain(words);
    expect(calls().start_session).toBe(0);
  });

  const lost: OpteryxFault = { on: 'commit', do: { lose_answer: true } };
  const refused: OpteryxFault = {
    on: 'upload_part',
    do: { status: 422, body: { detail: [{ loc: ['body'], msg: 'bad row 3', type: 'x' }] } },
  };
  const stuck: OpteryxFault = { on: 'delete_part', times: 20, do: { status: 503 } };

  it.each<[string, readonly OpteryxFault[], string, readonly string[]]>([
    [
      'a commit whose answer was lost',
      [lost],
      'opteryx_outcome_unknown',
      ['may be done', TABLE, 'look at the table'],
    ],
    [
      'a part that was refused',
      [refused],
      'opteryx_invalid_input',
      ['part 0, of a.csv', 'bad row 3', 'Nothing of it is left'],
    ],
    [
      'parts that stay',
      [refused, stuck],
      'opteryx_invalid_input',
      ['1 part of session', 'could not be removed', 'goes by itself'],
    ],
    [
      'credentials that are refused',
      [{ on: 'token', do: { status: 401, body: { detail: 'Invalid client credentials' } } }],
      'opteryx_unauthenticated',
      ['opteryx.token (401)', 'OPTERYX_CLIENT_SECRET'],
    ],
  ])('tells %s in words', async (_which, faults, code, words) => {
    await start();
    for (const fault of faults) emulator.inject(fault);
    const answer = await upload({ path: await file('a.csv') });
    expect(answer).toMatchObject({ isError: true, errorCode: code });
    for (const it of words) expect(answer.text).toContain(it);
    expect(answer.text).not.toContain(emulator.clientSecret);
  });

  it('goes on after the wait, and the same call joins it', async () => {
    await start();
    emulator.inject({ on: 'upload_part', do: { stall_after_bytes: 1 } });
    const path = await file('a.csv');
    const first = await upload({ path, wait_seconds: 0 });
    const second = await upload({ path, wait_seconds: 0 });
    expect(first.facts).toMatchObject({ status: 'running' });
    expect(second.facts['transfer_id']).toBe(first.facts['transfer_id']);
    await expect.poll(() => calls().upload_part).toBe(1);
    await world.call('transfer_cancel', { transfer_id: first.facts['transfer_id'] });
    expect(emulator.state().sessions).toMatchObject([{ state: 'open', parts: [] }]);
  });
});

describe('overwriting', () => {
  const service = { datasets: [EXISTING] };

  it('asks the user first, naming the table and the files', async () => {
    const asked: string[] = [];
    await start({
      service,
      config: { confirm: 'auto' },
      elicited: ({ message }) => {
        asked.push(message);
        return { action: 'decline' };
      },
    });
    const path = await file('a.csv');
    const answer = await upload({ path, conflict_resolution: 'overwrite' });
    expect(answer.isError).toBe(true);
    expect(asked).toEqual([expect.stringMatching(/replace all rows.*acme\.port\.ships.*a\.csv/)]);
    expect(calls().start_session).toBe(0);
    await upload({ path, conflict_resolution: 'append' });
    expect(asked).toHaveLength(1);
  });

  it('is done with the confirmation, and not asked again while it goes on', async () => {
    await start({ service, config: { confirm: 'auto' } });
    const args = { path: await file('a.csv'), conflict_resolution: 'overwrite' };
    const { facts } = await upload(args);
    expect(facts).toMatchObject({ status: 'not_done_yet' });
    expect(calls().start_session).toBe(0);
    emulator.inject({ on: 'upload_part', do: { stall_after_bytes: 1 } });
    const { confirmation } = facts;
    const running = await upload({ ...args, confirmation, wait_seconds: 0 });
    expect(running.facts).toMatchObject({ status: 'running' });
    const again = await upload({ ...args, confirmation, wait_seconds: 0 });
    expect(again.facts['transfer_id']).toBe(running.facts['transfer_id']);
    await world.call('transfer_cancel', { transfer_id: running.facts['transfer_id'] });
  });

  it('is asked once where a plan comes between, since a table that is not there loses nothing', async () => {
    const asked: string[] = [];
    await start({
      api: 'v2',
      config: { confirm: 'auto' },
      elicited: ({ message }) => {
        asked.push(message);
        return { action: 'accept', content: { approve: true } };
      },
    });
    const args = { path: await file('a.csv'), conflict_resolution: 'overwrite' };
    const plan = await upload(args);
    expect(plan.facts).toMatchObject({ status: 'plan', mode: 'infer' });
    const { accept_plan } = plan.facts;
    const done = await upload({ ...args, accept_plan });
    expect(done.facts).toMatchObject({ status: 'completed', rows_written: 2 });
    expect(asked).toHaveLength(1);

    // Now it is there: what was agreed for a table that is not, replaces nothing without a word.
    await file('a.csv', 'id,name\n9,Eve\n');
    const another = await upload({ ...args, accept_plan });
    expect(another.facts).toMatchObject({ status: 'plan', mode: 'dataset' });
    expect(emulator.rowsOf(TABLE)).toHaveLength(2);
    const replaced = await upload({ ...args, accept_plan: another.facts['accept_plan'] });
    expect(replaced.facts).toMatchObject({ status: 'completed', rows_written: 1 });
    expect(asked).toHaveLength(2);
  });

  it('needs another confirmation for other bytes', async () => {
    await start({ service, config: { confirm: 'auto' } });
    const args = { path: await file('a.csv'), conflict_resolution: 'overwrite' };
    const { confirmation } = (await upload(args)).facts;
    await file('a.csv', 'id,name\n9,Eve\n7,Mal\n');
    const answer = await upload({ ...args, confirmation });
    expect(answer.isError).toBe(true);
    expect(calls().start_session).toBe(0);
  });
});

describe('which way is taken', () => {
  it.each([
    ['v1', ['v1', 'v2'], 'parts'],
    ['auto', ['v1'], 'parts'],
    ['auto', ['v1', 'v2'], 'plan'],
    ['v2', ['v1', 'v2'], 'plan'],
    ['v2', ['v1'], 'error'],
  ] as const)('%s, where the service has %j: %s', async (api, generations, way) => {
    await start({ api, service: { generations: [...generations] } });
    const { facts, isError } = await upload({ path: await file('a.csv') });
    const told = isError ? 'error' : facts['status'] === 'plan' ? 'plan' : 'parts';
    expect(told).toBe(way);
    expect(calls().start_session).toBe(way === 'parts' ? 1 : 0);
  });

  it('auto sends what was agreed by a contract, and by nothing else', async () => {
    await start({ api: 'auto' });
    const path = await file('a.csv');
    const { facts } = await upload({ path });
    const done = await upload({ path, accept_plan: facts['accept_plan'] });
    expect(done.facts).toMatchObject({ status: 'completed', table: TABLE, rows_written: 2 });
    expect(calls()).toMatchObject({ start_session: 0, 'v2.commit': 1 });
  });

  it('says what to set where contracts were chosen and there are none', async () => {
    await start({ api: 'v2', service: { generations: ['v1'] } });
    const answer = await upload({ path: await file('a.csv') });
    expect(answer.errorCode).toBe('opteryx_contracts_not_served');
    expect(answer.text).toMatch(/it has no contracts.*--opteryx-api v1/s);
  });

  it('auto does not take a session for a contract that was refused', async () => {
    await start({ api: 'auto' });
    emulator.inject({
      on: 'v2.negotiate',
      do: { status: 404, body: { error: { code: 'contract_not_found', message: 'no' } } },
    });
    const { isError } = await upload({ path: await file('a.csv') });
    expect(isError).toBe(true);
    expect(calls().start_session).toBe(0);
  });

  it.each([
    ['v1', true, false],
    ['v2', false, true],
    ['auto', true, true],
  ] as const)('%s has the tools of its ways', async (api, sessions, contracts) => {
    await start({ api });
    const { tools } = await world.client.listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['opteryx_upload_file', 'opteryx_health']));
    expect(names.includes('opteryx_commit_session')).toBe(sessions);
    expect(names.includes('opteryx_upload_part')).toBe(sessions);
    expect(names.includes('opteryx_commit_contract')).toBe(contracts);
  });
});

describe('a session by hand', () => {
  it('is started, filled, looked at and committed', async () => {
    await start();
    const health = await world.call('opteryx_health', {});
    expect(health.facts).toEqual({ status: 'ok' });
    const { session_id } = (await world.call('opteryx_start_session', TARGET)).facts;
    const empty = await world.call('opteryx_inspect_session', { session_id });
    expect(empty.facts).toMatchObject({ staged: 'nothing', parts: [] });
    const path = await file('größe.csv');
    const part = (number: number) => ({ session_id, part: number, path });
    expect((await world.call('opteryx_upload_part', part(0))).facts).toMatchObject({
      part: 0,
      rows: 2,
      bytes: CSV.length,
    });
    await world.call('opteryx_upload_part', part(7));
    await world.call('opteryx_delete_part', { session_id, part: 7 });
    const look = await world.call('opteryx_inspect_session', { session_id });
    expect(look.facts).toMatchObject({ parts: [{ id: 0, rows: 2 }], issues: [] });
    const done = await world.call('opteryx_commit_session', { session_id, ...TARGET });
    expect(done.facts).toMatchObject({ table: TABLE, rows_written: 2 });
    expect(emulator.state().sessions[0]?.parts[0]?.name).toBe('gr%C3%B6%C3%9Fe.csv');
  });

  it('has parts that are compressed already', async () => {
    await start();
    const { session_id } = (await world.call('opteryx_start_session', TARGET)).facts;
    const { gzipSync } = await import('node:zlib');
    const plain = await file('a.csv', gzipSync(CSV));
    const named = await file('b.csv.gz', gzipSync(CSV));
    const put = (part: number, path: string, more: object = {}) =>
      world.call('opteryx_upload_part', { session_id, part, path, ...more });
    await put(0, plain, { content_encoding: 'gzip' });
    await put(1, named);
    expect(emulator.state().sessions[0]?.parts).toMatchObject([
      { name: 'a.csv', rows: 2, encoding: 'gzip' },
      { name: 'b.csv', rows: 2, encoding: 'gzip' },
    ]);
  });

  it('has parts that only the service can decode', async () => {
    await start();
    const { session_id } = (await world.call('opteryx_start_session', TARGET)).facts;
    // RFC 8878: a frame of one block that is not compressed.
    const frame = [0x28, 0xb5, 0x2f, 0xfd, 0x20, CSV.length, (CSV.length << 3) | 1, 0, 0];
    const path = await file('c.csv.zst', Buffer.concat([Buffer.from(frame), Buffer.from(CSV)]));
    const { facts, text } = await world.call('opteryx_upload_part', { session_id, part: 0, path });
    expect(calls().upload_part).toBe(1);
    // An older Node has no Zstandard for the emulator either.
    if (facts['rows'] === undefined) expect(text).toContain('cannot decode zstd');
    else expect(facts).toMatchObject({ rows: 2 });
    const twice = await file('d.csv.gz.zst', 'x');
    const refused = await world.call('opteryx_upload_part', { session_id, part: 0, path: twice });
    expect(refused.errorCode).toBe('table_refused');
  });

  it('asks before it overwrites', async () => {
    await start({ config: { confirm: 'auto' } });
    const { session_id } = (await world.call('opteryx_start_session', TARGET)).facts;
    const commit = { session_id, ...TARGET, conflict_resolution: 'overwrite' };
    const { facts } = await world.call('opteryx_commit_session', commit);
    expect(facts).toMatchObject({ status: 'not_done_yet' });
    expect(facts['summary']).toContain(TABLE);
    expect(calls().commit).toBe(0);
  });

  it.each<[string, string, object, string]>([
    [
      'opteryx_inspect_session',
      'an id that is a path',
      { session_id: '../x' },
      'invalid_arguments',
    ],
    ['opteryx_inspect_session', 'no such session', { session_id: 's_1' }, 'opteryx_not_found'],
    ['opteryx_delete_part', 'a number', { session_id: 's_1', part: 1000 }, 'invalid_arguments'],
  ])('%s refuses %s', async (tool, _which, args, code) => {
    await start();
    expect(await world.call(tool, args)).toMatchObject({ isError: true, errorCode: code });
  });

  it('sends no file that is larger than a part, or of another kind', async () => {
    await start();
    const session_id = 's_1';
    const large = await file('a.csv', Buffer.alloc(30_000_001, 'a'));
    const odd = await file('a.tif');
    const put = (path: string) => world.call('opteryx_upload_part', { session_id, part: 0, path });
    expect((await put(large)).text).toContain('30000001 bytes');
    expect((await put(odd)).errorCode).toBe('table_refused');
    expect(calls().upload_part).toBe(0);
  });
});
