import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type OpteryxEmulator,
  type OpteryxEmulatorOptions,
  startOpteryxEmulator,
} from '../../../src/sandbox/opteryx/opteryx_emulator.ts';
import { schemaFaults } from '../../contract/schema_profile.ts';
import { startWorld, type World, type WorldOptions } from '../world.ts';

const target = { workspace: 'acme', collection: 'security', dataset: 'findings' };
const TABLE = 'acme.security.findings';
const TOOLS = [
  'opteryx_abandon_contract',
  'opteryx_accept_contract',
  'opteryx_amend_contract',
  'opteryx_commit_contract',
  'opteryx_get_contract',
  'opteryx_negotiate_contract',
  'opteryx_send_contract_data',
];

let emulator: OpteryxEmulator;
let world: World;
let path: string;

async function start(options: OpteryxEmulatorOptions = {}, more: WorldOptions = {}) {
  emulator = await startOpteryxEmulator(options);
  world = await startWorld({
    ...more,
    config: {
      opteryxUploadUrl: emulator.uploadUrl,
      opteryxAuthUrl: emulator.authUrl,
      opteryxClientId: emulator.clientId,
      opteryxClientSecret: emulator.clientSecret,
      opteryxApi: 'v2',
      ...more.config,
    },
  });
  path = join(world.folder, 'cities.csv');
  await writeFile(path, 'id,city\n1,Graz\n2,Linz\n');
}

beforeEach(() => start());
afterEach(async () => {
  await world.close();
  await emulator.close();
});

async function restart(...how: Parameters<typeof start>): Promise<void> {
  await world.close();
  await emulator.close();
  await start(...how);
}

const states = () => emulator.state().contracts.map(({ state }) => state);

describe('the tools of a contract', () => {
  it('are all there, in schemas that all clients take', async () => {
    const { tools } = await world.client.listTools();
    const ours = tools.filter(({ name }) => TOOLS.includes(name));
    expect(ours.map(({ name }) => name).sort()).toEqual(TOOLS);
    for (const { description = '', inputSchema, outputSchema } of ours) {
      expect(schemaFaults(inputSchema)).toEqual([]);
      if (outputSchema !== undefined) expect(schemaFaults(outputSchema)).toEqual([]);
      expect(description.length).toBeLessThanOrEqual(250);
    }
  });

  it.each([
    ['v2', ['default'], TOOLS],
    ['auto', ['default'], []],
    ['auto', ['opteryx'], TOOLS],
    ['v1', ['all'], []],
  ] as const)('with --opteryx-api %s are in %j: %j', async (opteryxApi, toolsets, expected) => {
    await restart({}, { config: { opteryxApi, toolsets: [...toolsets] } });
    const { tools } = await world.client.listTools();
    const names = tools.map(({ name }) => name).filter((name) => TOOLS.includes(name));
    expect(names.sort()).toEqual(expected);
  });

  it('negotiate, amend, accept, send, look and commit, step by step', async () => {
    const proposed = await world.call('opteryx_negotiate_contract', { paths: [path], ...target });
    expect(proposed.facts).toMatchObject({ state: 'proposed', values: { city: 'Graz' } });
    expect(proposed.facts['next']).toContain('opteryx_accept_contract');
    const { contract_id, schema_fingerprint: first } = proposed.facts;

    const columns = [{ name: 'id', type: 'VARCHAR' }];
    const amended = await world.call('opteryx_amend_contract', { contract_id, columns });
    const { schema_fingerprint } = amended.facts;
    expect(schema_fingerprint).not.toBe(first);

    const stale = { contract_id, schema_fingerprint: first };
    const refused = await world.call('opteryx_accept_contract', stale);
    expect(refused).toMatchObject({ isError: true, errorCode: 'opteryx_proposal_changed' });
    expect(states()).toEqual(['proposed']);

    await world.call('opteryx_accept_contract', { contract_id, schema_fingerprint });
    const sent = await world.call('opteryx_send_contract_data', { contract_id, path });
    expect(sent.facts).toMatchObject({ status: 'completed', file_name: 'cities.csv', rows: 2 });

    const looked = await world.call('opteryx_get_contract', { contract_id });
    expect(looked.facts).toMatchObject({ state: 'writing', rows_written: 2 });

    const message = 'by hand';
    const done = await world.call('opteryx_commit_contract', { contract_id, message });
    const again = await world.call('opteryx_commit_contract', { contract_id, message });
    expect(again.facts['snapshot']).toBe(done.facts['snapshot']);
    expect(emulator.state()).toMatchObject({
      commits_executed: 1,
      datasets: [{ table: TABLE, row_count: 2, columns: { id: 'VARCHAR' } }],
    });

    const late = await world.call('opteryx_abandon_contract', { contract_id });
    expect(late).toMatchObject({ isError: true, errorCode: 'opteryx_already_committed' });
  });

  it('leave a contract open until it is abandoned', async () => {
    const asked = { paths: [path], ...target, mode: 'infer' };
    const { facts } = await world.call('opteryx_negotiate_contract', asked);
    expect(states()).toEqual(['proposed']);
    const { contract_id } = facts;
    const { isError } = await world.call('opteryx_send_contract_data', { contract_id, path });
    expect([isError, states()]).toEqual([true, ['proposed']]);
    const gone = await world.call('opteryx_abandon_contract', { contract_id });
    expect([gone.facts, states()]).toEqual([{ state: 'abandoned' }, ['abandoned']]);
  });

  it('say what blocks a contract', async () => {
    const columns = [{ name: 'id', type: 'INT64' }];
    const asked = { paths: [path], ...target, columns };
    const { facts } = await world.call('opteryx_negotiate_contract', asked);
    expect(facts).toMatchObject({ issues: [{ code: 'column_undeclared', column: 'city' }] });
    expect(facts['next']).toContain('opteryx_amend_contract');
    const amended = { contract_id: facts['contract_id'], ignore: ['city'] };
    expect((await world.call('opteryx_amend_contract', amended)).facts['issues']).toEqual([]);
  });

  it('ask before they agree to replace rows', async () => {
    const datasets = [{ table: TABLE, columns: { id: 'INT64', city: 'VARCHAR' }, rows: 5 }];
    await restart({ datasets }, { config: { confirm: 'auto' } });
    const asked = { paths: [path], ...target, conflict_resolution: 'overwrite' };
    const first = await world.call('opteryx_negotiate_contract', asked);
    expect([first.facts['status'], states()]).toEqual(['not_done_yet', []]);
    expect(first.text).toContain(TABLE);
    const { confirmation } = first.facts;
    const agreed = await world.call('opteryx_negotiate_contract', { ...asked, confirmation });
    expect(agreed.facts).toMatchObject({ state: 'accepted', mode: 'dataset' });
  });

  it.each([
    ['opteryx_get_contract', { contract_id: '../v1' }],
    ['opteryx_negotiate_contract', { ...target, paths: ['/etc/passwd'] }],
    ['opteryx_send_contract_data', { contract_id: 'ct_1', path: '/etc/passwd' }],
    ['opteryx_accept_contract', { contract_id: 'ct_1' }],
  ])('%s refuses %j before anything is asked', async (tool, args) => {
    expect((await world.call(tool, args)).isError).toBe(true);
    expect(emulator.state()).toMatchObject({ tokens_issued: 0 });
  });
});

describe('an upload by contract, through a client', () => {
  it('answers the plan, and is done once that is accepted', async () => {
    const asked = { path, ...target };
    const plan = await world.call('opteryx_upload_file', asked);
    expect(plan.isError).toBe(false);
    expect(plan.facts).toMatchObject({
      status: 'plan',
      table: TABLE,
      values: { city: 'Graz' },
      plan: [{ column: 'id' }, { column: 'city' }],
    });
    expect(states()).toEqual(['abandoned']);
    const { accept_plan } = plan.facts;
    const done = await world.call('opteryx_upload_file', { ...asked, accept_plan });
    expect(done.facts).toMatchObject({ status: 'completed', table: TABLE, rows_written: 2 });
  });

  it('tells in words what blocks it, and that nothing is left', async () => {
    const columns = [{ name: 'id', type: 'INT64' }];
    const refused = await world.call('opteryx_upload_file', { path, ...target, columns });
    expect(refused).toMatchObject({ isError: true, errorCode: 'opteryx_column_undeclared' });
    expect(refused.text).toContain('city');
    expect(refused.text).toContain('Nothing of it is left');
    expect(states()).toEqual(['abandoned']);
  });
});
