import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DECODES_ZSTD } from '../../../../src/sandbox/opteryx/decoded_body.ts';
import { listed, opteryxFor, parquetLike, TABLE, TARGET } from './opteryx_fixture.ts';

const CSV = 'id,note\n1,"a\nb"\n2,c\n';
const csv = { 'x-file-name': 'rows.csv' };
const EXISTING = [{ table: TABLE, columns: { id: 'INT64', note: 'VARCHAR' }, rows: 7 }];

describe('the start of a session', () => {
  it.each([
    ['no body', undefined, null],
    ['an empty object', {}, null],
    ['a target', { target: TARGET }, TARGET],
  ])('takes %s', async (_, json, target) => {
    const { call, emulator } = await opteryxFor();
    const { status, body } = await call('POST', '/v1/upload/session', { json });
    expect(status).toBe(201);
    const { id } = emulator.state().sessions[0] ?? {};
    expect(body).toEqual({
      session_id: id,
      url: `${emulator.uploadUrl}/v1/upload/${id}`,
      expires_at: '2026-01-01T06:00:00.000Z',
      parts: true,
      target,
      declared_schema: null,
    });
  });

  it('tells the columns of a dataset that is there', async () => {
    const { call } = await opteryxFor({ datasets: EXISTING });
    const { body } = await call('POST', '/v1/upload/session', { json: { target: TARGET } });
    expect(body).toMatchObject({ declared_schema: { id: 'INT64', note: 'VARCHAR' } });
  });

  it('refuses half a target', async () => {
    const { call } = await opteryxFor();
    const json = { target: { workspace: 'acme', collection: 'security' } };
    expect(await call('POST', '/v1/upload/session', { json })).toEqual({
      status: 422,
      body: listed({ loc: ['body', 'target', 'dataset'], type: 'missing' }),
    });
  });
});

describe('a part', () => {
  it.each([
    ['0', 201],
    ['999', 201],
    ['1000', 422],
    ['-1', 422],
    ['one', 422],
    ['', 422],
  ])('numbered %j is answered %i', async (part, status) => {
    const { session, put } = await opteryxFor();
    expect((await put(await session(), part, CSV)).status).toBe(status);
  });

  it('without a number is refused by a list', async () => {
    const { session, call } = await opteryxFor();
    expect(await call('PUT', `/v1/upload/${await session()}`, { body: CSV, headers: csv })).toEqual(
      {
        status: 422,
        body: listed({ loc: ['query', 'part'], type: 'missing' }),
      },
    );
  });

  it('is told as what it is', async () => {
    const { session, put } = await opteryxFor({ datasets: EXISTING });
    const { body } = await put(await session(), 3, 'id,more\n1,2.5\n');
    expect(body).toEqual({
      status: 'stored',
      part: 3,
      rows: 1,
      schema: {
        columns: [
          { name: 'id', from: 'INT64', type: 'INT64', action: 'keep' },
          { name: 'more', from: 'FLOAT64', type: 'FLOAT64', action: 'undeclared' },
        ],
      },
      issues: [
        { issue: 'column_undeclared', part: 3, column: 'more' },
        { issue: 'column_missing', part: 3, column: 'note' },
      ],
    });
  });

  it('takes the place of the one before by the same number', async () => {
    const { emulator, session, put, commit } = await opteryxFor();
    const id = await session();
    await put(id, 0, 'id\n1\n2\n');
    await put(id, 0, 'id\n3\n');
    expect(emulator.state().sessions[0]?.parts).toMatchObject([
      { number: 0, rows: 1, name: 'rows.csv', times_replaced: 1, wire_bytes: 5, decoded_bytes: 5 },
    ]);
    await commit(id);
    expect(emulator.rowsOf(TABLE)).toEqual([{ id: '3' }]);
  });

  const rows = [
    { id: '1', note: 'a\nb' },
    { id: '2', note: 'c' },
  ];
  it.each([
    ['plain', CSV, undefined, undefined, null],
    ['gzip as declared', gzipSync(CSV), 'gzip', undefined, 'gzip'],
    ['gzip by its first bytes', gzipSync(CSV), undefined, undefined, 'gzip'],
    ['deflate', deflateSync(CSV), 'deflate', undefined, 'deflate'],
    ['bare deflate', deflateRawSync(CSV), 'deflate', undefined, 'deflate'],
    ['br', brotliCompressSync(CSV), 'br', undefined, 'br'],
    ['br by its name', brotliCompressSync(CSV), undefined, 'rows.csv.br', 'br'],
  ])('is decoded: %s', async (_, body, declared, name = 'rows.csv', encoding) => {
    const { emulator, session, put, commit } = await opteryxFor();
    const id = await session();
    const headers = {
      'x-file-name': name,
      ...(declared === undefined ? {} : { 'Content-Encoding': declared }),
    };
    expect((await put(id, 0, body, headers)).status).toBe(201);
    expect(emulator.state().sessions[0]?.parts).toMatchObject([
      { encoding, rows: 2, decoded_bytes: CSV.length, wire_bytes: body.length },
    ]);
    await commit(id);
    expect(emulator.rowsOf(TABLE)).toEqual(rows);
  });

  it.skipIf(DECODES_ZSTD)('in zstd is refused where nothing can decode it', async () => {
    const { session, put } = await opteryxFor();
    const body = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]);
    expect(await put(await session(), 0, body)).toEqual({
      status: 422,
      body: { detail: 'This emulator cannot decode zstd.' },
    });
  });

  it.each([
    ['just fits', 20, 201],
    ['is one byte too long', 19, 413],
  ])('that %s on the wire', async (_, wireLimitBytes, status) => {
    const { session, put } = await opteryxFor({ wireLimitBytes });
    expect((await put(await session(), 0, CSV)).status).toBe(status);
  });

  it('without a length is counted too', async () => {
    const { emulator, session, token } = await opteryxFor({ wireLimitBytes: 10 });
    const response = await fetch(`${emulator.uploadUrl}/v1/upload/${await session()}?part=0`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${await token()}`, ...csv },
      body: new Blob([CSV]).stream(),
      duplex: 'half',
    });
    expect(response.status).toBe(413);
  });

  it.each([
    ['just fits', 20, 201],
    ['is one byte too long', 19, 413],
  ])('that %s once decoded', async (_, decodedLimitBytes, status) => {
    const { session, put } = await opteryxFor({ decodedLimitBytes });
    expect((await put(await session(), 0, gzipSync(CSV))).status).toBe(status);
  });

  it.each<[string, string, string | Buffer, number]>([
    ['csv', 'a.csv', CSV, 201],
    ['csv by its media type', 'noname', CSV, 201],
    ['ndjson', 'a.ndjson', '{"a":1}\n\n{"a":null}', 201],
    ['jsonl', 'a.jsonl', '{"a":1}\n', 201],
    ['parquet', 'a.parquet', parquetLike(), 201],
    ['pq', 'a.pq', parquetLike(), 201],
    ['a header alone', 'a.csv', 'a,b\n', 201],
    ['nothing', 'a.csv', '', 422],
    ['a spreadsheet', 'a.xlsx', 'PK', 422],
    ['a row with a field too many', 'a.csv', 'a,b\n1,2,3\n', 422],
    ['a row cut off', 'a.csv', 'a,b\n1', 422],
    ['an open quote', 'a.csv', 'a\n"1\n', 422],
    ['text behind a quote', 'a.csv', 'a\n"1"2\n', 422],
    ['a column twice', 'a.csv', 'a,a\n1,2\n', 422],
    ['a nameless column', 'a.csv', 'a,\n1,2\n', 422],
    ['text that is not UTF-8', 'a.csv', Buffer.from([0x61, 0x0a, 0xff]), 422],
    ['half a JSON line', 'a.ndjson', '{"a":1}\n{"a":', 422],
    ['a JSON list', 'a.json', '[{"a":1}]', 422],
    ['parquet cut at its front', 'a.parquet', parquetLike().subarray(1), 422],
    ['parquet cut at its end', 'a.parquet', parquetLike().subarray(0, -1), 422],
    ['parquet with a footer longer than it', 'a.parquet', parquetLike(100_000), 422],
    ['parquet without a footer', 'a.parquet', parquetLike(0), 422],
    ['magic and nothing else', 'a.parquet', Buffer.from('PAR1PAR1'), 422],
    ['gzip that is cut off', 'a.csv', gzipSync(CSV).subarray(0, -4), 422],
  ])('of %s', async (_, name, body, status) => {
    const { session, put } = await opteryxFor();
    const headers = {
      'x-file-name': name,
      'Content-Type': name === 'noname' ? 'text/csv' : 'application/octet-stream',
    };
    const answer = await put(await session(), 0, body, headers);
    expect(answer).toMatchObject({ status });
    if (status === 422) expect(answer.body).toEqual({ detail: expect.any(String) });
  });

  it.each([409, 422] as const)('with a value of another type is refused by %i', async (status) => {
    const { emulator, session, put } = await opteryxFor({
      datasets: EXISTING,
      uncastableStatus: status,
    });
    const answer = await put(await session(), 0, 'id,note\n1,a\nx,b\n');
    expect(answer).toEqual({
      status,
      body: { detail: "Column 'id' cannot hold 'x' of row 2 as INT64." },
    });
    expect(emulator.state().sessions[0]?.parts).toEqual([]);
  });

  it('is deleted once', async () => {
    const { session, put, call } = await opteryxFor();
    const id = await session();
    await put(id, 5, CSV);
    const path = `/v1/upload/${id}/part/5`;
    expect((await call('DELETE', path)).status).toBe(200);
    expect(await call('DELETE', path)).toEqual({ status: 404, body: { detail: 'Part not found' } });
  });
});

describe('inspection', () => {
  it('answers nothing where nothing is staged', async () => {
    const { session, call } = await opteryxFor();
    const answer = await call('GET', `/v1/upload/${await session()}/inspect`);
    expect(answer).toEqual({ status: 204, body: undefined });
  });

  it('tells the parts by their numbers, and what does not fit', async () => {
    const { session, put, call } = await opteryxFor();
    const id = await session();
    await put(id, 2, 'id,other\n3,4\n');
    await put(id, 0, CSV);
    const { body } = await call('GET', `/v1/upload/${id}/inspect`);
    expect(body).toMatchObject({
      rows_estimate: 3,
      schema: { columns: [{ name: 'id' }, { name: 'note' }, { name: 'other' }] },
      parts: [
        { id: 0, rows: 2, bytes: CSV.length, kind: 'csv' },
        { id: 2, rows: 1, bytes: 13, kind: 'csv' },
      ],
      issues: [{ issue: 'sources_disagree', part: 2 }],
    });
  });

  it('cannot count what it cannot read', async () => {
    const { session, put, call } = await opteryxFor();
    const id = await session();
    await put(id, 0, parquetLike(), { 'x-file-name': 'a.parquet' });
    const { body } = await call('GET', `/v1/upload/${id}/inspect`);
    expect(body).toMatchObject({ rows_estimate: null, parts: [{ rows: null, kind: 'parquet' }] });
  });
});

describe('a commit', () => {
  it('makes the rows readable by the numbers of their parts', async () => {
    const { emulator, session, put, commit } = await opteryxFor();
    const id = await session();
    await put(id, 1, 'id\n2\n');
    await put(id, 0, 'id\n1\n');
    expect(emulator.rowsOf(TABLE)).toEqual([]);
    const { status, body } = await commit(id, { snapshot_message: 'first' });
    expect(status).toBe(200);
    const [dataset] = emulator.state().datasets;
    expect(body).toEqual({
      table: TABLE,
      commit_id: dataset?.snapshots[0]?.id,
      rows_written: 2,
      files_created: 2,
    });
    expect(dataset).toMatchObject({
      columns: { id: 'INT64' },
      row_count: 2,
      snapshots: [{ message: 'first', operation: 'create', rows_written: 2 }],
    });
    expect(emulator.rowsOf(TABLE)).toEqual([{ id: '1' }, { id: '2' }]);
  });

  it.each([
    [undefined, 409, 7],
    ['fail', 409, 7],
    ['append', 200, 9],
    ['overwrite', 200, 2],
    ['replace', 422, 7],
  ])('of a dataset that is there, told %s, is answered %i', async (conflict, status, rows) => {
    const { emulator, session, put, commit } = await opteryxFor({ datasets: EXISTING });
    const id = await session();
    await put(id, 0, CSV);
    expect((await commit(id, { conflict_resolution: conflict })).status).toBe(status);
    expect(emulator.state().datasets[0]?.row_count).toBe(rows);
  });

  it.each<[string, object, number, unknown]>([
    ['no target', { target: undefined }, 422, listed({ loc: ['body', 'target'], type: 'missing' })],
    [
      'half a target',
      { target: { workspace: 'acme', collection: 'security' } },
      422,
      listed({ loc: ['body', 'target', 'dataset'], type: 'missing' }),
    ],
    [
      'another target',
      { target: { ...TARGET, dataset: 'other' } },
      409,
      { detail: `The session is for ${TABLE}, not for acme.security.other.` },
    ],
  ])('with %s is refused', async (_, more, status, body) => {
    const { session, put, commit } = await opteryxFor();
    const id = await session();
    await put(id, 0, CSV);
    expect(await commit(id, more)).toEqual({ status, body });
  });

  it('of a session begun without a target goes where it says', async () => {
    const { emulator, call, put, commit } = await opteryxFor();
    await call('POST', '/v1/upload/session');
    const id = emulator.state().sessions[0]?.id ?? '';
    await put(id, 0, CSV);
    expect((await commit(id)).status).toBe(200);
  });

  it('of a session begun without a target judges the values then', async () => {
    const { emulator, call, put, commit } = await opteryxFor({ datasets: EXISTING });
    await call('POST', '/v1/upload/session');
    const id = emulator.state().sessions[0]?.id ?? '';
    await put(id, 0, 'id,note\nx,y\n');
    expect((await commit(id, { conflict_resolution: 'append' })).status).toBe(409);
  });

  it('of parquet that says nothing cannot count its rows', async () => {
    const { session, put, commit } = await opteryxFor();
    const id = await session();
    await put(id, 0, parquetLike(), { 'x-file-name': 'a.parquet' });
    expect((await commit(id)).body).toMatchObject({ rows_written: null, files_created: 1 });
  });

  it('of nothing is refused', async () => {
    const { session, commit } = await opteryxFor();
    expect((await commit(await session())).status).toBe(422);
  });

  it('ends the session', async () => {
    const { emulator, session, put, commit, call } = await opteryxFor();
    const id = await session();
    await put(id, 0, CSV);
    await commit(id);
    expect((await commit(id, { conflict_resolution: 'append' })).status).toBe(409);
    expect((await put(id, 1, CSV)).status).toBe(409);
    expect((await call('DELETE', `/v1/upload/${id}/part/0`)).status).toBe(409);
    expect(emulator.state()).toMatchObject({
      commits_executed: 1,
      sessions: [{ state: 'committed' }],
      calls: { commit: 2, upload_part: 2, delete_part: 1, start_session: 1 },
    });
  });
});

describe('a session that is not there', () => {
  const calls: [string, string][] = [
    ['PUT', '?part=0'],
    ['DELETE', '/part/0'],
    ['GET', '/inspect'],
    ['POST', '/commit'],
  ];
  const json = { target: TARGET };

  it.each(calls)('is not found: %s %s', async (method, path) => {
    const { call } = await opteryxFor();
    const body = method === 'POST' ? { json } : {};
    expect(await call(method, `/v1/upload/nobody${path}`, body)).toEqual({
      status: 404,
      body: { detail: 'Session not found' },
    });
  });

  it.each(calls)('any more is gone: %s %s', async (method, path) => {
    const { emulator, session, wait, call } = await opteryxFor();
    const id = await session();
    wait(6 * 3600);
    const body = method === 'POST' ? { json } : {};
    expect(await call(method, `/v1/upload/${id}${path}`, body)).toEqual({
      status: 410,
      body: { detail: 'Session expired' },
    });
    expect(emulator.state().sessions[0]?.state).toBe('expired');
  });
});
