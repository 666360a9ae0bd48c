import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { digestOfRows } from '../../../../src/sandbox/opteryx/tables/rows_digest.ts';
import {
  type Answered,
  negotiation,
  type Opteryx,
  opteryxFor,
  parquetLike,
  type Sample,
  TABLE,
  TARGET,
} from './opteryx_fixture.ts';

const CSV = 'id,note\n1,a\n2,b\n';
const sample = { name: 'rows.csv', body: CSV };
const COLUMNS = { id: 'INT64', note: 'VARCHAR' };
const EXISTING = [{ table: TABLE, columns: COLUMNS, rows: 7 }];
const infer = { mode: 'infer' };
const declared = (columns: Record<string, string> = COLUMNS) => ({
  mode: 'declared',
  columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
});

const contractSchema = z
  .object({ contract_id: z.string(), schema_fingerprint: z.string() })
  .passthrough();

async function negotiated(opteryx: Opteryx, schema: object, ...samples: Sample[]) {
  const body = negotiation(
    { target: TARGET, schema },
    ...(samples.length > 0 ? samples : [sample]),
  );
  const answer = await opteryx.call('POST', '/v2/contracts', { body });
  expect(answer.status).toBe(201);
  const contract = contractSchema.parse(answer.body);
  const path = `/v2/contracts/${contract.contract_id}`;
  return {
    contract,
    path,
    accept: (schema_fingerprint?: string) =>
      opteryx.call('PUT', `${path}/accept`, { json: { schema_fingerprint } }),
    amend: (json: object) => opteryx.call('PATCH', path, { json }),
    write: (
      body: string | Uint8Array = CSV,
      headers: Record<string, string> = { 'x-file-name': 'rows.csv' },
    ) => opteryx.call('POST', `${path}/data`, { body, headers }),
    commit: (headers: Record<string, string> = {}) =>
      opteryx.call('POST', `${path}/commit`, { json: { message: 'nightly' }, headers }),
    abandon: () => opteryx.call('DELETE', path),
    get: () => opteryx.call('GET', path),
  };
}

const coded = (status: number, code: string, fields: object = {}): Answered => ({
  status,
  body: { error: expect.objectContaining({ code, message: expect.any(String), ...fields }) },
});

describe('a negotiation', () => {
  it('answers a proposal where the types were read from samples', async () => {
    const opteryx = await opteryxFor();
    const { contract } = await negotiated(opteryx, infer, {
      name: 'rows.csv',
      body: 'id,at\n1,2026-01-01\n',
    });
    expect(contract).toEqual({
      contract_id: expect.stringMatching(/^ct_20260101000000_[0-9a-f]{12}$/),
      state: 'proposed',
      mode: 'infer',
      target: TARGET,
      schema: [
        { name: 'id', type: 'INT64' },
        { name: 'at', type: 'VARCHAR' },
      ],
      plan: [
        { column: 'id', from: 'INT64', to: 'INT64', action: 'keep' },
        { column: 'at', from: 'VARCHAR', to: 'VARCHAR', action: 'keep' },
      ],
      issues: [],
      writes: [],
      rows_written: 0,
      values: { id: '1', at: '2026-01-01' },
      schema_fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      snapshot: null,
      expires_at: '2026-01-01T06:00:00.000Z',
    });
  });

  it.each<[object, string, string, boolean]>([
    [infer, 'infer', 'proposed', false],
    [declared(), 'declared', 'accepted', false],
    [{ mode: 'dataset', write: 'append' }, 'dataset', 'accepted', true],
    [{ mode: 'auto', write: 'append' }, 'infer', 'proposed', false],
    [{ mode: 'auto', write: 'append' }, 'dataset', 'accepted', true],
  ])('of %j is of mode %s and %s', async (schema, mode, state, isThere) => {
    const opteryx = await opteryxFor(isThere ? { datasets: EXISTING } : {});
    expect((await negotiated(opteryx, schema)).contract).toMatchObject({ mode, state });
  });

  const keep = { id: 'INT64', note: 'VARCHAR' };
  it.each<[string, Record<string, string>, object]>([
    ['keep', keep, { column: 'id', from: 'INT64', to: 'INT64', action: 'keep' }],
    ['retag', { ...keep, id: 'BIGINT' }, { column: 'id', to: 'BIGINT', action: 'retag' }],
    ['widen', { ...keep, id: 'FLOAT64' }, { column: 'id', to: 'FLOAT64', action: 'widen' }],
    ['cast', { ...keep, id: 'VARCHAR' }, { column: 'id', to: 'VARCHAR', action: 'cast' }],
    ['unsupported', { ...keep, id: 'BLOB' }, { column: 'id', to: 'BLOB', action: 'unsupported' }],
    ['undeclared', { note: 'VARCHAR' }, { column: 'id', to: 'INT64', action: 'undeclared' }],
  ])('plans to %s', async (_, columns, entry) => {
    const { contract } = await negotiated(await opteryxFor(), declared(columns));
    expect(contract['plan']).toContainEqual(expect.objectContaining(entry));
  });

  it.each<[string, object, Sample[], object]>([
    ['column_undeclared', declared({ id: 'INT64' }), [], { column: 'note', severity: 'blocking' }],
    [
      'column_missing',
      declared({ ...COLUMNS, at: 'DATE' }),
      [],
      { column: 'at', severity: 'blocking' },
    ],
    ['value_not_castable', declared({ ...COLUMNS, note: 'IPV4' }), [], { column: 'note' }],
    ['type_unsupported', declared({ ...COLUMNS, note: 'BLOB' }), [], { column: 'note' }],
    [
      'sources_disagree',
      infer,
      [sample, { name: 'b.ndjson', body: '{"id":1}\n' }],
      { severity: 'blocking' },
    ],
  ])('tells of %s, and blocks', async (code, schema, samples, issue) => {
    const opteryx = await opteryxFor();
    const { contract, accept, write } = await negotiated(opteryx, schema, ...samples);
    expect(contract['issues']).toContainEqual(expect.objectContaining({ code, ...issue }));
    expect(await accept()).toEqual(coded(409, code));
    if (schema !== infer) expect(await write()).toEqual(coded(409, code));
  });

  it('only warns of what a dataset has more', async () => {
    const datasets = [{ table: TABLE, columns: { ...COLUMNS, at: 'DATE' }, rows: 0 }];
    const opteryx = await opteryxFor({ datasets });
    const { contract, write } = await negotiated(opteryx, { mode: 'dataset', write: 'append' });
    expect(contract['issues']).toMatchObject([{ code: 'column_missing', severity: 'warning' }]);
    expect((await write()).status).toBe(200);
  });

  it.each<[string, object, Sample[], Answered, boolean]>([
    [
      'no schema',
      {},
      [sample],
      coded(400, 'schema_source_required', { modes: ['declared', 'infer', 'dataset'] }),
      false,
    ],
    ['no mode', { schema: {} }, [sample], coded(400, 'schema_source_required'), false],
    [
      'no columns declared',
      { schema: { mode: 'declared' } },
      [sample],
      coded(400, 'schema_source_required'),
      false,
    ],
    [
      'a dataset that is not there',
      { schema: { mode: 'dataset' } },
      [sample],
      coded(400, 'schema_source_required'),
      false,
    ],
    [
      'inference for a dataset that is there',
      { schema: infer },
      [sample],
      coded(409, 'dataset_exists'),
      true,
    ],
    [
      'a dataset that must not be there',
      { schema: declared(), on_conflict: 'fail' },
      [sample],
      coded(409, 'dataset_exists'),
      true,
    ],
    [
      'a sample of no kind',
      { schema: infer },
      [{ name: 'a.xlsx', body: 'PK' }],
      coded(422, 'format_unreadable', { source: 'a.xlsx' }),
      false,
    ],
    [
      'a sample that is broken',
      { schema: infer },
      [{ name: 'a.csv', body: 'a\n"' }],
      coded(422, 'format_unreadable'),
      false,
    ],
    [
      'no sample',
      { schema: infer },
      [],
      { status: 422, body: { detail: [expect.objectContaining({ loc: ['body', 'sample'] })] } },
      false,
    ],
  ])('of %s is refused', async (_, more, samples, refused, isThere) => {
    const { call, emulator } = await opteryxFor(isThere ? { datasets: EXISTING } : {});
    const body = negotiation({ target: TARGET, ...more }, ...samples);
    expect(await call('POST', '/v2/contracts', { body })).toEqual(refused);
    expect(emulator.state().contracts).toEqual([]);
  });

  it.each<[string, string, Record<string, string>]>([
    ['JSON', '{}', { 'Content-Type': 'application/json' }],
    ['no boundary', '', { 'Content-Type': 'multipart/form-data' }],
    ['no end', '--b\r\n', { 'Content-Type': 'multipart/form-data; boundary=b' }],
    ['no contract', '--b--', { 'Content-Type': 'multipart/form-data; boundary=b' }],
  ])('by a form of %s is refused by a list', async (_, body, headers) => {
    const { call } = await opteryxFor();
    expect(await call('POST', '/v2/contracts', { body, headers })).toEqual({
      status: 422,
      body: { detail: [expect.objectContaining({ loc: expect.any(Array) })] },
    });
  });

  it('takes parquet that says nothing, and gzip by its name', async () => {
    const opteryx = await opteryxFor();
    const gz = { name: 'a.csv.gz', body: Buffer.from(gzipSync(CSV)) };
    expect((await negotiated(opteryx, infer, gz)).contract['schema']).toHaveLength(2);
    const parquet = { name: 'a.parquet', body: parquetLike() };
    const { contract } = await negotiated(opteryx, declared(), parquet);
    expect(contract).toMatchObject({ state: 'accepted', plan: [], issues: [] });
  });
});

describe('a proposal', () => {
  it('takes no data before it is accepted', async () => {
    const { write, commit, accept, contract, get } = await negotiated(await opteryxFor(), infer);
    expect(await write()).toEqual(coded(409, 'contract_not_accepted'));
    expect(await commit()).toEqual(coded(409, 'contract_not_accepted'));
    expect(await accept(contract.schema_fingerprint)).toMatchObject({
      status: 200,
      body: { state: 'accepted' },
    });
    expect((await write()).status).toBe(200);
    expect((await get()).body).toMatchObject({ state: 'writing' });
  });

  it('is accepted as it was seen, or not at all', async () => {
    const { amend, accept, contract, get } = await negotiated(await opteryxFor(), infer);
    const { status, body } = await amend({ columns: { id: 'VARCHAR' } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      state: 'proposed',
      schema: [{ name: 'id', type: 'VARCHAR' }, {}],
    });
    const now = contractSchema.parse(body).schema_fingerprint;
    expect(await accept(contract.schema_fingerprint)).toEqual(
      coded(409, 'proposal_changed', { schema_fingerprint: now }),
    );
    expect((await get()).body).toMatchObject({ state: 'proposed' });
    expect((await accept(now)).status).toBe(200);
  });

  it('that is amended is to be accepted anew', async () => {
    const { amend, accept, write } = await negotiated(await opteryxFor(), infer);
    await accept();
    await amend({ ignore: ['note'] });
    expect(await write()).toEqual(coded(409, 'contract_not_accepted'));
  });

  it('leaves out what is ignored', async () => {
    const opteryx = await opteryxFor();
    const { amend, accept, write, commit } = await negotiated(opteryx, infer);
    expect((await amend({ ignore: ['note'] })).body).toMatchObject({
      schema: [{ name: 'id' }],
      plan: [{ action: 'keep' }, { column: 'note', action: 'ignored' }],
    });
    await accept();
    await write();
    await commit();
    expect(opteryx.emulator.rowsOf(TABLE)).toEqual([{ id: '1' }, { id: '2' }]);
  });

  it('of a dataset keeps its types', async () => {
    const opteryx = await opteryxFor({ datasets: EXISTING });
    const { amend } = await negotiated(opteryx, { mode: 'dataset', write: 'append' });
    expect((await amend({ columns: { id: 'VARCHAR' } })).status).toBe(409);
    expect((await amend({ ignore: ['note'] })).body).toMatchObject({ state: 'proposed' });
  });
});

describe('data', () => {
  it('is told as what it is, and not readable', async () => {
    const opteryx = await opteryxFor();
    const { contract, write } = await negotiated(opteryx, declared());
    const file = {
      source: 'rows.csv',
      rows: 2,
      bytes: CSV.length,
      object: `staging/${contract.contract_id}/rows.csv`,
    };
    expect(await write()).toMatchObject({
      status: 200,
      body: { state: 'writing', rows_written: 2, writes: [file], written: [file] },
    });
    expect(opteryx.emulator.state().datasets).toEqual([]);
  });

  it.each<[string, string | Uint8Array, Record<string, string>, Answered]>([
    [
      'a value of another type',
      'id,note\n1,a\nx,b\n',
      {},
      coded(409, 'value_not_castable', { column: 'id', row: 2, value: 'x', declared: 'INT64' }),
    ],
    [
      'a column too many',
      'id,note,more\n1,a,b\n',
      {},
      coded(409, 'column_undeclared', { column: 'more' }),
    ],
    ['a column too few', 'id\n1\n', {}, coded(409, 'column_missing', { column: 'note' })],
    ['broken text', 'id,note\n1\n', {}, coded(422, 'format_unreadable')],
    ['no kind', 'id', { 'x-file-name': 'a.txt' }, coded(422, 'format_unreadable')],
    ['gzip that is none', CSV, { 'Content-Encoding': 'gzip' }, coded(422, 'format_unreadable')],
    [
      'an encoding of nobody',
      CSV,
      { 'Content-Encoding': 'lzma' },
      { status: 422, body: { detail: 'Unsupported Content-Encoding' } },
    ],
  ])('with %s is refused and leaves nothing', async (_, body, headers, refused) => {
    const opteryx = await opteryxFor();
    const { write } = await negotiated(opteryx, declared());
    expect(await write(body, { 'x-file-name': 'rows.csv', ...headers })).toEqual(refused);
    expect(opteryx.emulator.state().contracts).toMatchObject([{ state: 'accepted', writes: [] }]);
  });

  it('is refused while it still comes, and the connection goes on', async () => {
    const opteryx = await opteryxFor();
    const { write } = await negotiated(opteryx, declared());
    const long = `id,note\nx,b\n${'1,a\n'.repeat(2_000_000)}`;
    expect(await write(long)).toEqual(coded(409, 'value_not_castable', { row: 1 }));
    expect((await write()).status).toBe(200);
  });

  it('beyond what is kept is counted and digested', async () => {
    const opteryx = await opteryxFor();
    const { write, commit } = await negotiated(opteryx, declared());
    const noise = randomBytes(40_000).toString('hex');
    const rows = Array.from({ length: 200 }, (_, at) => ({ id: String(at), note: noise + at }));
    const text = rows.map(({ id, note }) => `${id},${note}\n`).join('');
    await write(gzipSync(`id,note\n${text}`), { 'x-file-name': 'rows.csv.gz' });
    await write();
    await commit();
    const [dataset] = opteryx.emulator.state().datasets;
    expect(dataset?.row_count).toBe(202);
    const all = [...rows, { id: '1', note: 'a' }, { id: '2', note: 'b' }];
    expect(dataset?.rows_digest).toBe(digestOfRows(all));
    expect(() => opteryx.emulator.rowsOf(TABLE)).toThrow('The rows of rows.csv.gz are not kept.');
  });
});

describe('a commit of a contract', () => {
  it('publishes once, and answers the same for the same key', async () => {
    const opteryx = await opteryxFor();
    const { write, commit, abandon, get } = await negotiated(opteryx, declared());
    await write();
    const key = { 'Idempotency-Key': 'k1' };
    const first = await commit(key);
    expect(first).toMatchObject({
      status: 200,
      body: { state: 'committed', snapshot: expect.stringMatching(/^snap_/), rows_written: 2 },
    });
    expect(await commit(key)).toEqual(first);
    const { snapshot } = z.object({ snapshot: z.string() }).parse(first.body);
    const committed = coded(409, 'already_committed', { snapshot });
    expect(await commit()).toEqual(committed);
    expect(await commit({ 'Idempotency-Key': 'k2' })).toEqual(committed);
    expect(await write()).toEqual(committed);
    expect(await abandon()).toEqual(committed);
    expect((await get()).status).toBe(200);
    expect(opteryx.emulator.state()).toMatchObject({
      commits_executed: 1,
      datasets: [{ row_count: 2, snapshots: [{ id: snapshot, message: 'nightly' }] }],
    });
  });

  it.each([
    ['append', 9],
    ['overwrite', 2],
  ])('told to %s leaves %i rows', async (write, rows) => {
    const opteryx = await opteryxFor({ datasets: EXISTING });
    const contract = await negotiated(opteryx, { mode: 'dataset', write });
    await contract.write();
    await contract.commit();
    expect(opteryx.emulator.state().datasets[0]?.row_count).toBe(rows);
  });

  it('of nothing is refused', async () => {
    const { commit } = await negotiated(await opteryxFor(), declared());
    expect((await commit()).status).toBe(422);
  });

  it('is stale where the target came to be since', async () => {
    const opteryx = await opteryxFor();
    const one = await negotiated(opteryx, declared());
    const other = await negotiated(opteryx, declared());
    await one.write();
    await other.write();
    await one.commit();
    expect(await other.commit()).toEqual(
      coded(409, 'contract_stale', {
        written_rows: 2,
        written_discarded: true,
        diff: [{ op: 'change', before: null, after: expect.any(String) }],
      }),
    );
    expect((await other.get()).body).toMatchObject({ state: 'stale', writes: [] });
    expect((await other.abandon()).status).toBe(204);
  });
});

describe('an end', () => {
  it('may be made twice, and is one for all but a look', async () => {
    const opteryx = await opteryxFor();
    const { write, abandon, get, accept } = await negotiated(opteryx, declared());
    await write();
    expect(await abandon()).toEqual({ status: 204, body: undefined });
    expect((await abandon()).status).toBe(204);
    expect((await get()).body).toMatchObject({ state: 'abandoned', writes: [] });
    for (const call of [write, accept]) {
      expect(await call()).toEqual(coded(404, 'contract_not_found'));
    }
  });

  it('comes by itself', async () => {
    const opteryx = await opteryxFor({ sessionSeconds: 60 });
    const { write, commit, accept, get, amend } = await negotiated(opteryx, declared());
    opteryx.wait(60);
    for (const call of [get, write, commit, accept, () => amend({})]) {
      expect(await call()).toEqual(coded(410, 'contract_expired'));
    }
  });

  it('of what never was is not found', async () => {
    const { call } = await opteryxFor();
    for (const method of ['GET', 'DELETE']) {
      expect(await call(method, '/v2/contracts/ct_none')).toEqual(coded(404, 'contract_not_found'));
    }
  });
});
