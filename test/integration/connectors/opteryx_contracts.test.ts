import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServiceError } from '../../../src/connectors/http/service_error.ts';
import type { PlanToShow } from '../../../src/connectors/opteryx/contracts/agree_contract.ts';
import { ContractBlocked } from '../../../src/connectors/opteryx/contracts/contract_blocked.ts';
import {
  type ContractUploadRequest,
  contractUpload,
} from '../../../src/connectors/opteryx/contracts/contract_upload.ts';
import { ContractsNotServed } from '../../../src/connectors/opteryx/contracts/contracts_not_served.ts';
import type { ContractOutcome } from '../../../src/connectors/opteryx/contracts/opteryx_contracts.ts';
import { opteryxService } from '../../../src/connectors/opteryx/opteryx_service.ts';
import { TableRefused } from '../../../src/connectors/opteryx/table_refused.ts';
import { ServiceUploadFailed } from '../../../src/connectors/service_upload_failed.ts';
import type { StagedUpload, StagingJournal } from '../../../src/connectors/staging_journal.ts';
import {
  type OpteryxEmulator,
  type OpteryxEmulatorOptions,
  type OpteryxFault,
  startOpteryxEmulator,
} from '../../../src/sandbox/opteryx/opteryx_emulator.ts';
import type { Act } from '../../../src/transfer/act.ts';
import {
  createTransferEngine,
  DEFAULT_LIMITS,
  type TransferEngine,
} from '../../../src/transfer/engine.ts';
import { openSourceFile } from '../../../src/transfer/files/source_file.ts';
import { createConnections } from '../../../src/transfer/http/undici_agents.ts';

const target = { workspace: 'acme', collection: 'security', dataset: 'findings' };
const TABLE = 'acme.security.findings';
const CSV = 'id,city\n1,Graz\n2,Linz\n';
const columns = [
  { name: 'id', type: 'INT64' },
  { name: 'city', type: 'VARCHAR' },
];
const SEEDED = { table: TABLE, columns: { id: 'INT64', city: 'VARCHAR' }, rows: 5 };

let folder: string;
let emulator: OpteryxEmulator;
let engine: TransferEngine;
const connections = createConnections(DEFAULT_LIMITS.connectMs);

/** What is noted of each upload, in order. */
let notes: string[];
const journal: StagingJournal = {
  async begin({ id, flow, expiresAt }: StagedUpload) {
    notes.push(`begin ${flow} ${id.startsWith('ct_')} ${expiresAt !== undefined}`);
    const note = (what: string) => async () => {
      notes.push(what);
    };
    return { finishing: note('finishing'), remove: note('remove'), leave: note('leave') };
  },
};

async function emulate(options: OpteryxEmulatorOptions = {}): Promise<void> {
  await emulator?.close();
  emulator = await startOpteryxEmulator(options);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'contracts-'));
  notes = [];
  engine = createTransferEngine({
    clock: {
      now: () => Date.now(),
      async wait(_ms, signal) {
        await new Promise(setImmediate);
        signal.throwIfAborted();
      },
    },
  });
  await emulate();
});

afterEach(async () => {
  await emulator.close();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

async function table(name: string, bytes: string | Uint8Array) {
  const path = join(folder, name.replaceAll('/', '_'));
  await writeFile(path, bytes);
  return { fileName: basename(name), open: () => openSourceFile(path) };
}

interface Asked extends Partial<ContractUploadRequest> {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly act?: Partial<Act>;
}

/** Uploads the usual table, or what is asked for instead. */
async function upload({ files = { 'cities.csv': CSV }, act = {}, ...asked }: Asked = {}) {
  const tables = await Promise.all(
    Object.entries(files).map(([name, bytes]) => table(name, bytes)),
  );
  const service = opteryxService(
    {
      uploadUrl: emulator.uploadUrl,
      authUrl: emulator.authUrl,
      clientId: emulator.clientId,
      clientSecret: emulator.clientSecret,
      api: 'v2',
    },
    { dispatcher: () => connections.open('shared'), journal: () => journal, now: Date.now },
  );
  return contractUpload(
    { target, conflictResolution: 'fail', columns, tables, ...asked },
    { signal: new AbortController().signal, onProgress: () => {}, ...act },
    service,
    engine,
  );
}

async function committed(asked: Asked = {}): Promise<ContractOutcome> {
  const outcome = await upload(asked);
  if (outcome.kind !== 'committed') throw new Error('a plan was answered');
  return outcome;
}

async function planned(asked: Asked = {}): Promise<PlanToShow> {
  const outcome = await upload({ columns: undefined, ...asked });
  if (outcome.kind !== 'plan') throw new Error('it was committed');
  return outcome;
}

async function failed(asked: Asked = {}): Promise<ServiceUploadFailed> {
  const failure = await upload(asked).catch((error: unknown) => error);
  if (failure instanceof ServiceUploadFailed) return failure;
  throw failure;
}

/** Contracts that hold the dataset. */
const open = () =>
  emulator.state().contracts.filter(({ state }) => !['committed', 'abandoned'].includes(state));
const calls = (endpoint: keyof ReturnType<OpteryxEmulator['state']>['calls']) =>
  emulator.state().calls[endpoint];
const rowCount = () => emulator.state().datasets.find((it) => it.table === TABLE)?.row_count;

const codeFault = (on: OpteryxFault['on'], code: string, status = 409): OpteryxFault => ({
  on,
  do: { status, body: { error: { code, message: `it is ${code}` } } },
});

describe('an upload under a contract', () => {
  it('that declares its columns is sent and committed at once', async () => {
    const done: number[] = [];
    const act = { onProgress: (progress: { done: number }) => done.push(progress.done) };
    const outcome = await committed({ act, message: 'first' });
    expect(outcome).toMatchObject({
      table: TABLE,
      rowsWritten: 2,
      bytes: CSV.length,
      files: [{ fileName: 'cities.csv', bytes: CSV.length, written: [{ rows: 2 }] }],
    });
    expect(emulator.rowsOf(TABLE)).toEqual([
      { id: '1', city: 'Graz' },
      { id: '2', city: 'Linz' },
    ]);
    const [dataset] = emulator.state().datasets;
    expect(dataset?.snapshots).toEqual([
      { id: outcome.snapshot, message: 'first', operation: 'create', rows_written: 2 },
    ]);
    expect(done.at(-1)).toBe(CSV.length);
    expect(notes).toEqual(['begin opteryx_contract true true', 'finishing', 'remove']);
    expect(open()).toEqual([]);
  });

  it.each([
    ['append', 7],
    ['overwrite', 2],
  ] as const)('takes the types of a dataset that exists: %s', async (conflictResolution, rows) => {
    await emulate({ datasets: [SEEDED] });
    await committed({ conflictResolution, columns: undefined });
    expect(rowCount()).toBe(rows);
  });

  it('keeps all files of one call apart, also where their names are alike, and decodes gzip', async () => {
    const outcome = await committed({
      files: {
        'a.csv': CSV,
        'ä ö.ndjson': '{"id":3,"city":"Wien"}\n',
        'b.csv.gz': gzipSync('id,city\n4,Graz\n5,Linz\n6,Wels\n'),
      },
    });
    expect(outcome.rowsWritten).toBe(6);
    const files = emulator.state().datasets[0]?.files;
    expect(files?.map(({ encoding }) => encoding)).toEqual([null, null, 'gzip']);
    const both = { fileName: 'a.csv', open: () => openSourceFile(join(folder, 'a.csv')) };
    await committed({ conflictResolution: 'append', columns: undefined, tables: [both, both] });
    expect(rowCount()).toBe(10);
  });

  it('sends of a long table a sample first, and all of it later', async () => {
    const rows = Array.from({ length: 400_000 }, (_, at) => `${at},Graz ${at}`);
    const outcome = await committed({ files: { 'long.csv': ['id,city', ...rows, ''].join('\n') } });
    expect(outcome.rowsWritten).toBe(rows.length);
    expect(calls('v2.data')).toBe(1);
  });
});

describe('a plan that needs a word of the user', () => {
  it('is answered with nothing sent and nothing open, and accepted by its token', async () => {
    const plan = await planned();
    expect(plan).toMatchObject({
      table: TABLE,
      isAnother: false,
      left: { kind: 'nothing' },
      contract: { values: { city: 'Graz' }, plan: [{ column: 'id' }, { column: 'city' }] },
    });
    expect([calls('v2.data'), calls('v2.accept'), open()]).toEqual([0, 0, []]);
    expect(notes).toEqual(['begin opteryx_contract true true', 'remove']);

    await committed({ columns: undefined, acceptPlan: plan.acceptPlan });
    expect(rowCount()).toBe(2);
    expect(calls('v2.accept')).toBe(1);
  });

  it.each<[string, Asked]>([
    ['columns', { files: { 'cities.csv': 'id,town\n1,Graz\n' } }],
    ['types', { files: { 'cities.csv': 'id,city\nx,Graz\n' } }],
    ['what is left out', { ignore: ['city'] }],
    ['what becomes of rows that are there', { conflictResolution: 'append' }],
    ['the table', { target: { ...target, dataset: 'other' } }],
  ])('is shown again where %s changed since, and nothing is accepted', async (_what, change) => {
    const { acceptPlan } = await planned();
    const again = await planned({ acceptPlan, ...change });
    expect(again.isAnother).toBe(true);
    expect(again.acceptPlan).not.toBe(acceptPlan);
    expect([calls('v2.accept'), calls('v2.data'), open()]).toEqual([0, 0, []]);
  });

  it('is shown again where somebody made the dataset since, though its types need no word', async () => {
    const append = { conflictResolution: 'append', columns: undefined } as const;
    const { acceptPlan } = await planned(append);
    await committed();
    const again = await planned({ ...append, acceptPlan });
    expect(again.contract.mode).toBe('dataset');
    expect([rowCount(), open()]).toEqual([2, []]);
  });

  it('is shown again where the service says at last that it is another', async () => {
    const { acceptPlan } = await planned();
    emulator.inject(codeFault('v2.accept', 'proposal_changed'));
    const again = await planned({ acceptPlan });
    expect(again.contract.values).toHaveProperty('city', 'Graz');
    expect([calls('v2.get'), calls('v2.data'), open()]).toEqual([1, 0, []]);
  });

  it('says that its contract stayed open where it could not be given up', async () => {
    emulator.inject({ on: 'v2.abandon', times: 9, do: { status: 503 } });
    const { left } = await planned();
    expect(left).toMatchObject({ kind: 'staged', expires: expect.stringMatching(/^20/) });
    expect(notes.at(-1)).toBe('leave');
  });
});

describe('a contract that is not agreed', () => {
  it.each<[string, Asked, string]>([
    ['a value', { files: { 'a.csv': 'id,city\nx,Graz\n' } }, 'value_not_castable'],
    ['a column too many', { files: { 'a.csv': 'id,city,more\n1,Graz,2\n' } }, 'column_undeclared'],
    ['a column too few', { files: { 'a.csv': 'id\n1\n' } }, 'column_missing'],
    ['files that differ', { files: { 'a.csv': CSV, 'b.csv': 'id\n1\n' } }, 'sources_disagree'],
    [
      'a column of no file',
      { columns: [...columns, { name: 'c', type: 'COLOUR' }] },
      'column_missing',
    ],
  ])('for %s is given up, and its issues are told', async (_what, asked, code) => {
    const { cause, left, step } = await failed(asked);
    expect(cause).toBeInstanceOf(ContractBlocked);
    expect(cause).toMatchObject({ code, detail: expect.stringContaining(code) });
    expect([step, left.kind, calls('v2.data'), open()]).toEqual(['agree', 'nothing', 0, []]);
  });

  it.each<[string, Asked, OpteryxFault | undefined, object]>([
    ['the dataset exists', {}, undefined, { code: 'dataset_exists', kind: 'conflict' }],
    ['no right', {}, codeFault('v2.negotiate', 'not_authorized', 403), { kind: 'forbidden' }],
    ['no source', {}, codeFault('v2.negotiate', 'schema_source_required', 400), { status: 400 }],
    ['no such workspace', {}, codeFault('v2.negotiate', 'gone_away', 404), { kind: 'not_found' }],
    [
      'a list of faults',
      {},
      { on: 'v2.negotiate', do: { status: 422, body: { detail: [{ loc: ['a'], msg: 'no' }] } } },
      { kind: 'invalid_input', detail: 'a: no' },
    ],
    [
      'no id',
      {},
      { on: 'v2.negotiate', do: { status: 201, body: { state: 'accepted' } } },
      { kind: 'unexpected_answer' },
    ],
  ])('was never open: %s', async (_what, asked, fault, expected) => {
    await emulate({ datasets: [SEEDED] });
    if (fault) emulator.inject(fault);
    const failure = await upload(asked).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServiceError);
    expect(failure).not.toBeInstanceOf(ContractsNotServed);
    expect(failure).toMatchObject(expected);
    expect([open(), notes]).toEqual([[], []]);
  });

  it('is told apart from a service that has no contracts', async () => {
    await emulate({ generations: ['v1'] });
    await expect(upload()).rejects.toBeInstanceOf(ContractsNotServed);
  });

  it.each([
    ['sheet.xlsx', 'PK\x03\x04'],
    ['list.json', '[{"id":1}]'],
    ['empty.csv', ''],
    ['cut.parquet', 'PAR1 and no more'],
  ])('is not asked for with %s', async (name, bytes) => {
    await expect(upload({ files: { [name]: bytes } })).rejects.toBeInstanceOf(TableRefused);
    expect(calls('v2.negotiate')).toBe(0);
  });
});

describe('what fails under a contract', () => {
  it.each<[string, OpteryxFault, string, object]>([
    ['accepting', codeFault('v2.accept', 'internal', 500), 'agree', { kind: 'unavailable' }],
    ['a value', codeFault('v2.data', 'value_not_castable'), 'send', { code: 'value_not_castable' }],
    ['its end', { on: 'v2.data', do: { expire_session: true } }, 'send', { kind: 'gone' }],
    ['the network', { on: 'v2.data', do: { cut_after_bytes: 5 } }, 'send', { kind: 'unreachable' }],
    ['an answer', { on: 'v2.data', do: { lose_answer: true } }, 'send', { kind: 'unreachable' }],
    ['the service', { on: 'v2.data', do: { status: 504 } }, 'send', { kind: 'unavailable' }],
    [
      'a look',
      { on: 'v2.get', do: { status: 200, body: { contract_id: 'ct_1', state: 'writing' } } },
      'inspect',
      { kind: 'unexpected_answer' },
    ],
    ['a commit', codeFault('v2.commit', 'dataset_exists'), 'finish', { code: 'dataset_exists' }],
  ])('leaves nothing: %s', async (_what, fault, step, cause) => {
    const { acceptPlan } = await planned();
    emulator.inject({ ...fault, times: fault.on === 'v2.accept' ? 9 : 1 });
    const failure = await failed({ columns: undefined, acceptPlan });
    expect(failure).toMatchObject({ step, cause, left: { kind: 'nothing' }, target: TABLE });
    expect(open()).toEqual([]);
    expect(calls('v2.data')).toBe(step === 'agree' ? 0 : 1);
    expect(emulator.state().commits_executed).toBe(0);
    expect(notes.at(-1)).toBe('remove');
  });

  it('leaves nothing after a cancellation, which is the cause', async () => {
    const controller = new AbortController();
    const reason = new Error('stopped');
    const act = { signal: controller.signal, onProgress: () => controller.abort(reason) };
    const failure = await failed({ act });
    expect(failure).toMatchObject({ cause: reason, left: { kind: 'nothing' } });
    expect([open(), emulator.state().commits_executed]).toEqual([[], 0]);
  });

  it('leaves nothing after a cancellation on its way to be opened', async () => {
    const controller = new AbortController();
    const { openExchange, clock } = engine;
    const never = () => new Promise<void>(() => {});
    engine = {
      ...engine,
      clock: { ...clock, wait: never },
      openExchange(...asked) {
        controller.abort(new Error('stopped'));
        return openExchange(...asked);
      },
    };
    const failure = await failed({ act: { signal: controller.signal } });
    expect(failure).toMatchObject({ step: 'agree', cause: { message: 'stopped' } });
    expect(emulator.state().contracts.map(({ state }) => state)).toEqual(['abandoned']);
  });

  it('waits for no answer that does not come, once it is cancelled', async () => {
    const controller = new AbortController();
    emulator.inject({ on: 'v2.negotiate', do: { stall_after_bytes: 1 } });
    const { openExchange } = engine;
    engine = {
      ...engine,
      openExchange(...asked) {
        controller.abort(new Error('stopped'));
        return openExchange(...asked);
      },
    };
    await expect(upload({ act: { signal: controller.signal } })).rejects.toThrow('stopped');
    expect(open()).toEqual([]);
  });

  it('leaves nothing where this process was taken for gone', async () => {
    const failure = await failed({ act: { mayFinish: async () => false } });
    expect(failure.cause).toMatchObject({ name: 'SessionTakenOver' });
    expect([open(), calls('v2.commit')]).toEqual([[], 0]);
  });

  it('is named with its end where it could not be given up', async () => {
    emulator.inject(codeFault('v2.data', 'value_not_castable'));
    emulator.inject({ on: 'v2.abandon', times: 9, do: { status: 503 } });
    const { left, id } = await failed();
    expect(left).toMatchObject({ kind: 'staged', expires: expect.stringMatching(/^20/) });
    expect(open().map((contract) => contract.id)).toEqual([id]);
    expect(notes.at(-1)).toBe('leave');
  });

  it.each<[string, OpteryxFault]>([
    ['negotiating', { on: 'v2.negotiate', do: { status: 504 } }],
    ['accepting', { on: 'v2.accept', do: { lose_answer: true } }],
    ['sending, for the pace', { on: 'v2.data', do: { status: 429, retry_after: 1 } }],
    ['sending, for the token', { on: 'v2.data', do: { expire_token: true } }],
    ['looking', { on: 'v2.get', do: { status: 503 } }],
    ['committing', { on: 'v2.commit', do: { status: 504 } }],
    ['committing, for the token', { on: 'v2.commit', do: { expire_token: true } }],
  ])('is tried again: %s', async (_what, fault) => {
    const { acceptPlan } = await planned();
    emulator.inject(fault);
    await committed({ columns: undefined, acceptPlan });
    expect(emulator.state()).toMatchObject({ faults_struck: 1, commits_executed: 1 });
    expect([rowCount(), open()]).toEqual([2, []]);
  });

  it.each([
    ['committed', { kind: 'perhaps_done' }, 'remove'],
    ['abandoned', { kind: 'nothing' }, 'remove'],
    ['writing', { kind: 'staged', reason: 'it is already_committed' }, 'leave'],
  ])('is looked at where giving it up is denied: it is %s', async (state, expected, note) => {
    emulator.inject(codeFault('v2.data', 'value_not_castable'));
    emulator.inject(codeFault('v2.abandon', 'already_committed'));
    emulator.inject({ on: 'v2.get', do: { status: 200, body: { contract_id: 'ct_1', state } } });
    const { left } = await failed();
    expect(left).toMatchObject(expected);
    expect(notes.at(-1)).toBe(note);
  });
});

describe('a contract whose target has changed', () => {
  it.each<OpteryxFault['on']>(['v2.accept', 'v2.data', 'v2.commit'])(
    'at %s is negotiated anew, once, where the plan is the one that was accepted',
    async (on) => {
      const { acceptPlan } = await planned();
      emulator.inject({ on, do: { stale: true } });
      const done: number[] = [];
      const act = { onProgress: (progress: { done: number }) => done.push(progress.done) };
      const outcome = await committed({ columns: undefined, acceptPlan, act });
      expect(outcome.rowsWritten).toBe(2);
      expect(done).toEqual([...done].sort((a, b) => a - b));
      expect([rowCount(), calls('v2.negotiate'), open()]).toEqual([2, 3, []]);
    },
  );

  it('a second time is a failure', async () => {
    emulator.inject({ on: 'v2.data', times: 9, do: { stale: true } });
    const failure = await failed();
    expect(failure).toMatchObject({ cause: { code: 'contract_stale' }, left: { kind: 'nothing' } });
    expect([calls('v2.negotiate'), open()]).toEqual([2, []]);
  });

  it('is shown anew where its plan is another', async () => {
    const append = { conflictResolution: 'append', columns: undefined } as const;
    const { acceptPlan } = await planned(append);
    let other: Promise<ContractOutcome> | undefined;
    const mayFinish = async () => {
      // Somebody else makes the dataset while this upload is under way.
      other ??= committed({ files: { 'other.csv': 'id,city\n9,Steyr\n' } });
      await other;
      return true;
    };
    const again = await planned({ ...append, acceptPlan, act: { mayFinish } });
    expect(again).toMatchObject({ isAnother: true, contract: { mode: 'dataset' } });
    expect([rowCount(), open()]).toEqual([1, []]);
  });
});

describe('a commit whose answer is lost', () => {
  it('is tried again with its key, and counts once', async () => {
    emulator.inject({ on: 'v2.commit', do: { lose_answer: true } });
    await committed();
    expect([calls('v2.commit'), emulator.state().commits_executed, rowCount()]).toEqual([2, 1, 2]);
  });

  it('at each try is found out by a look', async () => {
    emulator.inject({ on: 'v2.commit', times: 9, do: { lose_answer: true } });
    const { snapshot } = await committed();
    expect(snapshot).toBe(emulator.state().datasets[0]?.snapshots[0]?.id);
    expect([calls('v2.abandon'), notes.at(-1)]).toEqual([0, 'remove']);
  });

  it('and denied is found out by a look', async () => {
    emulator.inject({ on: 'v2.commit', do: { lose_answer: true } });
    emulator.inject(codeFault('v2.commit', 'already_committed'));
    expect((await committed()).rowsWritten).toBe(2);
    expect(emulator.state().commits_executed).toBe(1);
  });

  it('is said to be unknown where no look is to be had, and nothing is given up', async () => {
    emulator.inject({ on: 'v2.commit', times: 9, do: { lose_answer: true } });
    emulator.inject({ on: 'v2.get', after: 1, times: 9, do: { status: 503 } });
    const failure = await failed();
    expect(failure).toMatchObject({ step: 'finish', left: { kind: 'perhaps_done' } });
    expect([calls('v2.abandon'), notes.at(-1)]).toEqual([0, 'remove']);
  });

  it('because the user stopped is found out, too', async () => {
    const controller = new AbortController();
    emulator.inject({ on: 'v2.commit', times: 9, do: { lose_answer: true } });
    emulator.inject({ on: 'v2.get', after: 1, times: 9, do: { status: 503 } });
    const waits = engine.clock.wait;
    const clock = {
      ...engine.clock,
      async wait(ms: number, signal: AbortSignal) {
        if (calls('v2.commit') > 0) controller.abort(new Error('stopped'));
        return waits(ms, signal);
      },
    };
    engine = { ...engine, clock };
    const failure = await failed({ act: { signal: controller.signal } });
    expect(failure).toMatchObject({ left: { kind: 'perhaps_done' } });
    expect(emulator.state().commits_executed).toBe(1);
  });
});
