import { randomBytes } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { ServiceError } from '../../../src/connectors/http/service_error.ts';
import { ServiceUploadFailed } from '../../../src/connectors/service_upload_failed.ts';
import { SessionTakenOver } from '../../../src/connectors/session_taken_over.ts';
import type { OpteryxFault } from '../../../src/sandbox/opteryx/opteryx_emulator.ts';
import { memorySource } from '../../../src/transfer/sources/memory_source.ts';
import type { UploadSource } from '../../../src/transfer/sources/upload_source.ts';
import { parquetFile } from '../../unit/connectors/opteryx/parquet_file.ts';
import {
  csv,
  fromDisk,
  type NamedSource,
  send,
  startUploadWorld,
  TABLE,
  type UploadWorld,
  type UploadWorldOptions,
} from './opteryx_upload_world.ts';

const open: UploadWorld[] = [];

async function world(options: UploadWorldOptions = {}): Promise<UploadWorld> {
  const started = await startUploadWorld(options);
  open.push(started);
  return started;
}

afterEach(async () => {
  for (const it of open.splice(0)) await it.close();
});

const inMemory = (fileName: string, content: string | Uint8Array): NamedSource => ({
  fileName,
  open: async () => memorySource(Buffer.from(content)),
});

const SHIPS = inMemory('ships.csv', csv(3));
const EXISTING = { table: TABLE, columns: { id: 'INTEGER', name: 'VARCHAR' }, rows: 5 };
const SHORT = 'id,name\n1,Ada\n2,Bob\n';

async function failureOf(done: Promise<unknown>): Promise<ServiceUploadFailed> {
  const failure = await done.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof ServiceUploadFailed)) throw new Error(`no such failure: ${failure}`);
  return failure;
}

const partsLeft = ({ emulator }: UploadWorld) =>
  emulator.state().sessions.flatMap(({ parts }) => parts);

describe('what arrives', () => {
  it('brings a csv row by row, and tells what was compared', async () => {
    const at = await world();
    const { done, steps } = send(at, [SHIPS], { message: 'first' });
    const outcome = await done;
    expect(outcome).toMatchObject({
      table: TABLE,
      rowsWritten: 3,
      filesCreated: 1,
      compared: { parts: 1, rows: 3, partsWithRows: 1 },
    });
    expect(at.emulator.rowsOf(TABLE).map(({ name }) => name)).toEqual([
      'ship 0\nof "us"',
      'ship 1\nof "us"',
      'ship 2\nof "us"',
    ]);
    const [dataset] = at.emulator.state().datasets;
    expect(dataset?.snapshots).toMatchObject([{ id: outcome.commitId, message: 'first' }]);
    expect(steps.at(-1)).toMatchObject({ done: outcome.bytes, total: outcome.bytes });
    expect(at.noted.map((line) => line.split(' ')[0])).toEqual(['begin', 'finishing', 'remove']);
  });

  it('cuts a large csv into parts of their own, in order', async () => {
    const at = await world();
    const rows = Array.from(
      { length: 200 },
      (_, id) => `${id},${randomBytes(48_000).toString('base64')}`,
    );
    const { done } = send(at, [inMemory('large.csv', `id,noise\n${rows.join('\n')}\n`)]);
    const { compared } = await done;
    const [session] = at.emulator.state().sessions;
    expect(session?.parts.map(({ number }) => number)).toEqual([0, 1]);
    expect(session?.parts.map(({ encoding, name }) => [encoding, name])).toEqual([
      ['gzip', 'large.csv'],
      ['gzip', 'large.csv'],
    ]);
    expect(compared).toEqual({ parts: 2, rows: 200, partsWithRows: 2 });
    expect(at.emulator.state().datasets[0]?.row_count).toBe(200);
  });

  it.each<[string, NamedSource, object]>([
    ['csv', inMemory('a.csv', SHORT), { name: 'a.csv', kind: 'csv', encoding: 'gzip', rows: 2 }],
    [
      'compressed csv',
      inMemory('a.csv.gz', gzipSync(SHORT)),
      { name: 'a.csv', kind: 'csv', encoding: 'gzip', rows: 2 },
    ],
    [
      'ndjson',
      inMemory('a.jsonl', '{"id":1}\n{"id":2}\n{"id":3}'),
      { name: 'a.jsonl', kind: 'ndjson', encoding: 'gzip', rows: 3 },
    ],
    [
      'parquet, as it is',
      inMemory('a.pq', parquetFile(2_000_000, 500)),
      { name: 'a.pq', kind: 'parquet', encoding: null, wire_bytes: 2_000_512 },
    ],
    [
      'a name of other letters, without its folder',
      inMemory('/home/ada/größe 1.csv', SHORT),
      { name: 'gr%C3%B6%C3%9Fe%201.csv', kind: 'csv', rows: 2 },
    ],
  ])('sends %s', async (_which, table, part) => {
    const at = await world();
    await send(at, [table]).done;
    expect(at.emulator.state().sessions[0]?.parts).toMatchObject([{ number: 0, ...part }]);
  });

  it('numbers the parts of several files through', async () => {
    const at = await world();
    const names = ['a.csv', 'b.csv', 'c.csv', 'd.csv', 'e.csv'];
    await send(
      at,
      names.map((name, at) => inMemory(name, `id,name\n${at},${name}\n`)),
    ).done;
    const parts = at.emulator.state().sessions[0]?.parts;
    expect(parts?.map(({ number, name }) => [number, name])).toEqual([...names.entries()]);
    expect(at.emulator.rowsOf(TABLE).map(({ name }) => name)).toEqual(names);
  });

  it.each([
    ['append', 7, 'append'],
    ['overwrite', 2, 'overwrite'],
  ] as const)('can %s', async (conflictResolution, rows, operation) => {
    const at = await world({ emulator: { datasets: [EXISTING] } });
    await send(at, [inMemory('a.csv', SHORT)], { conflictResolution }).done;
    const [dataset] = at.emulator.state().datasets;
    expect(dataset).toMatchObject({ row_count: rows, snapshots: [{ operation }] });
  });
});

describe('what is refused before a session is open', () => {
  it.each<[string, NamedSource, string | RegExp]>([
    ['an empty file', inMemory('a.csv', ''), 'a.csv is not taken: the file holds no records'],
    [
      'a Parquet file that is larger than a part',
      {
        fileName: 'a.parquet',
        open: async () => ({ ...memorySource(Buffer.alloc(0)), size: 28 * 1024 * 1024 + 1 }),
      },
      /a\.parquet is not taken: .*smaller files.*--opteryx-api v2/,
    ],
    ['what is no Parquet file', inMemory('a.parquet', SHORT), /PAR1/],
    ['a document instead of records', inMemory('a.json', '[{"id":1}]'), /one object on each line/],
    ['another kind', inMemory('a.xlsx', 'x'), /only tables are taken/],
  ])('%s', async (_which, table, words) => {
    const at = await world();
    await expect(send(at, [table]).done).rejects.toThrow(words);
    expect(at.emulator.state()).toMatchObject({ sessions: [], calls: { start_session: 0 } });
  });

  it('sends nothing to a dataset that must not exist and does', async () => {
    const at = await world({ emulator: { datasets: [EXISTING] } });
    await expect(send(at, [inMemory('a.csv', SHORT)]).done).rejects.toMatchObject({
      kind: 'conflict',
      code: 'dataset_exists',
    });
    expect(at.emulator.state().calls).toMatchObject({ upload_part: 0, commit: 0 });
    expect(at.noted).toEqual([]);
  });
});

describe('what is tried again', () => {
  it.each<[string, OpteryxFault, number]>([
    ['504', { on: 'upload_part', do: { status: 504 } }, 2],
    ['504 three times', { on: 'upload_part', times: 3, do: { status: 504 } }, 4],
    ['429', { on: 'upload_part', do: { status: 429, retry_after: 1 } }, 2],
    ['a connection that breaks off', { on: 'upload_part', do: { cut_after_bytes: 10 } }, 2],
    ['a lost answer', { on: 'upload_part', do: { lose_answer: true } }, 2],
    ['a token that is not known any more', { on: 'upload_part', do: { expire_token: true } }, 2],
  ])('a part after %s, with its number', async (_which, fault, calls) => {
    const at = await world();
    at.emulator.inject(fault);
    await send(at, [SHIPS]).done;
    expect(at.emulator.state()).toMatchObject({
      calls: { upload_part: calls },
      datasets: [{ row_count: 3 }],
    });
    expect(at.emulator.state().sessions[0]?.parts.map(({ number }) => number)).toEqual([0]);
  });

  it('the exchange of the token, whatever the request was for', async () => {
    const at = await world();
    at.emulator.inject({ on: 'token', do: { status: 504 } });
    at.emulator.inject({ on: 'commit', do: { expire_token: true } });
    at.emulator.inject({ on: 'token', after: 1, do: { status: 503 } });
    await send(at, [SHIPS]).done;
    expect(at.emulator.state()).toMatchObject({ commits_executed: 1, calls: { token: 4 } });
  });

  it('goes on with a new token where one ends in the middle', async () => {
    const at = await world({ emulator: { tokenSeconds: 100 } });
    const late: NamedSource = {
      fileName: 'b.csv',
      async open() {
        const source = memorySource(Buffer.from(SHORT));
        return {
          ...source,
          async *chunks(signal, range) {
            at.pass(90);
            yield* source.chunks(signal, range);
          },
        };
      },
    };
    await send(at, [inMemory('a.csv', SHORT), late, inMemory('c.csv', SHORT)]).done;
    const { tokens_issued, requests_with_bad_token } = at.emulator.state();
    expect(requests_with_bad_token).toBe(0);
    expect(tokens_issued).toBeGreaterThan(1);
  });
});

describe('what fails', () => {
  const three = ['a.csv', 'b.csv', 'c.csv'].map((name) => inMemory(name, SHORT));
  const detail = [{ loc: ['query', 'part'], msg: 'Input should be smaller', type: 'less_than' }];

  it.each<[string, OpteryxFault, object, string]>([
    [
      'one text',
      { on: 'upload_part', after: 1, do: { status: 422, body: { detail: 'bad row 2' } } },
      { kind: 'invalid_input', status: 422 },
      'bad row 2',
    ],
    [
      'a list of faults',
      { on: 'upload_part', after: 1, do: { status: 422, body: { detail } } },
      { kind: 'invalid_input', status: 422 },
      'query.part: Input should be smaller',
    ],
    [
      'too large',
      { on: 'upload_part', after: 1, do: { status: 413, body: { detail: 'over 30 MB' } } },
      { kind: 'too_large' },
      'over 30 MB',
    ],
    [
      'a value that its column cannot hold',
      { on: 'upload_part', after: 1, do: { status: 409, body: { detail: 'row 7: abc' } } },
      { kind: 'conflict' },
      'row 7: abc',
    ],
    [
      'no right',
      { on: 'upload_part', after: 1, do: { status: 403 } },
      { kind: 'forbidden' },
      'Forbidden',
    ],
    [
      'a service that stays away',
      { on: 'upload_part', after: 1, times: 20, do: { status: 504 } },
      { kind: 'unavailable', fateUnknown: true },
      'Gateway',
    ],
  ])(
    '%s: every part is deleted, and the words name part and file',
    async (_which, fault, facts, words) => {
      const at = await world();
      at.emulator.inject(fault);
      const failure = await failureOf(send(at, three).done);
      expect(failure).toMatchObject({ step: 'send', left: { kind: 'nothing' }, target: TABLE });
      expect(failure.cause).toMatchObject(facts);
      const told = failure.cause instanceof ServiceError ? failure.cause.detail : '';
      expect(told).toMatch(/^part \d, of [abc]\.csv: /);
      expect(told).toContain(words);
      expect(partsLeft(at)).toEqual([]);
      expect(at.emulator.state().commits_executed).toBe(0);
      const end = 'fateUnknown' in facts ? 'leave' : 'remove';
      expect(at.noted.map((line) => line.split(' ')[0])).toEqual(['begin', end]);
    },
  );

  it.each([409, 422] as const)('tells the value that cannot be cast (%s)', async (status) => {
    const at = await world({ emulator: { datasets: [EXISTING], uncastableStatus: status } });
    const table = inMemory('a.csv', 'id,name\none,Ada\n');
    const failure = await failureOf(send(at, [table], { conflictResolution: 'append' }).done);
    expect(failure.cause).toMatchObject({ status });
    expect(`${failure.cause}`).toMatch(/id.*one/);
  });

  it('a part whose answer was lost is deleted too', async () => {
    const at = await world();
    at.emulator.inject({ on: 'upload_part', times: 4, do: { lose_answer: true } });
    const failure = await failureOf(send(at, [SHIPS]).done);
    expect(failure.left).toEqual({ kind: 'nothing' });
    expect(at.emulator.state().calls.delete_part).toBe(1);
    expect(partsLeft(at)).toEqual([]);
    expect(at.noted.at(-1)).toMatch(/^remove /);
  });

  it('names what could not be deleted, and until when it stays', async () => {
    const at = await world();
    at.emulator.inject({ on: 'upload_part', after: 2, do: { status: 422 } });
    at.emulator.inject({ on: 'delete_part', times: 30, do: { status: 503 } });
    const failure = await failureOf(send(at, three).done);
    const until = Date.now() + 21_600_000;
    expect(failure.left).toMatchObject({
      kind: 'staged',
      what: '3 parts',
      reason: 'Service Unavailable',
    });
    const expires = failure.left.kind === 'staged' ? Date.parse(failure.left.expires) : 0;
    expect(Math.abs(expires - until)).toBeLessThan(60_000);
    expect(at.noted.at(-1)).toMatch(/^leave /);
  });

  it('a session that the service ended leaves nothing', async () => {
    const at = await world();
    at.emulator.inject({ on: 'upload_part', after: 1, do: { expire_session: true } });
    const failure = await failureOf(send(at, three).done);
    expect(failure).toMatchObject({
      left: { kind: 'nothing' },
      cause: { kind: 'gone', status: 410 },
    });
  });

  it('sends nothing into a session that has run out by its own word', async () => {
    const at = await world({ emulator: { sessionSeconds: 60 } });
    const slow: NamedSource = {
      ...SHIPS,
      open: async () => passing(await SHIPS.open(), () => at.pass(61)),
    };
    const failure = await failureOf(send(at, [slow]).done);
    expect(failure.cause).toMatchObject({ kind: 'gone', status: undefined });
    expect(`${failure.cause}`).toMatch(/the session ran out at \d{4}-/);
    expect(at.emulator.state().calls.upload_part).toBe(0);
  });

  it('a file that changes while it is cut', async () => {
    const at = await world();
    const path = await at.file('a.csv', csv(200_000));
    const disk = fromDisk(path);
    const changing: NamedSource = {
      ...disk,
      open: async () => passing(await disk.open(), () => appendFile(path, '9,9,9\n')),
    };
    const failure = await failureOf(send(at, [changing]).done);
    expect(failure).toMatchObject({ step: 'send', cause: { code: 'source_changed' } });
    expect(at.emulator.state().commits_executed).toBe(0);
  });

  it('a file that is damaged further on is named', async () => {
    const at = await world();
    const damaged = inMemory('b.csv', `id,name\n${'1,Ada\n'.repeat(20_000)}2,"open\n`);
    const failure = await failureOf(send(at, [SHIPS, damaged]).done);
    expect(`${failure.cause}`).toMatch(/b\.csv is not taken: a quote in it is opened/);
    expect(partsLeft(at)).toEqual([]);
  });

  it('a cancellation deletes what was sent', async () => {
    const at = await world();
    const stop = new AbortController();
    const reason = new Error('the user stopped it');
    at.emulator.inject({ on: 'upload_part', after: 1, do: { stall_after_bytes: 1 } });
    const { done } = send(
      at,
      three,
      {},
      {
        signal: stop.signal,
        onProgress: ({ done: bytes }) => {
          if (bytes > SHORT.length) stop.abort(reason);
        },
      },
    );
    const failure = await failureOf(done);
    expect(failure).toMatchObject({ step: 'send', cause: reason, left: { kind: 'nothing' } });
    expect(partsLeft(at)).toEqual([]);
    // The service may still be at work on what it had of a part that it did not answer.
    expect(at.noted.at(-1)).toMatch(/^leave /);
  });

  it('what others took over is not committed', async () => {
    const at = await world();
    const failure = await failureOf(send(at, three, {}, { mayFinish: async () => false }).done);
    expect(failure.cause).toBeInstanceOf(SessionTakenOver);
    expect(at.emulator.state().calls.commit).toBe(0);
    expect(partsLeft(at)).toEqual([]);
  });
});

describe('what is looked at before the commit', () => {
  const staged = (parts: readonly object[], issues: readonly object[] = []): OpteryxFault => ({
    on: 'inspect',
    do: { status: 200, body: { rows_estimate: null, schema: {}, parts, issues } },
  });

  it.each<[string, OpteryxFault, string]>([
    ['a part is missing', staged([{ id: 0, rows: 2 }]), 'part 1 is missing'],
    ['a part is another’s', staged([{ id: 0 }, { id: 1 }, { id: 7 }]), 'part 7 was not sent'],
    [
      'rows are missing',
      staged([
        { id: 0, rows: 2 },
        { id: 1, rows: 1 },
      ]),
      'part 1 has 1 rows instead of 2',
    ],
  ])('fails where %s', async (_which, fault, words) => {
    const at = await world();
    at.emulator.inject(fault);
    const tables = ['a.csv', 'b.csv'].map((name) => inMemory(name, SHORT));
    const failure = await failureOf(send(at, tables).done);
    expect(failure).toMatchObject({ step: 'inspect', left: { kind: 'nothing' } });
    expect(`${failure.cause}`).toContain(words);
    expect(at.emulator.state().calls.commit).toBe(0);
    expect(partsLeft(at)).toEqual([]);
  });

  it('compares no rows that the service did not count', async () => {
    const at = await world();
    at.emulator.inject(staged([{ id: 0, rows: null }]));
    const { compared } = await send(at, [SHIPS]).done;
    expect(compared).toEqual({ parts: 1, rows: 0, partsWithRows: 0 });
  });

  const odd = [inMemory('a.csv', SHORT), inMemory('b.csv', 'id,colour\n1,red\n')];

  it('stops at issues, which would not stop the service', async () => {
    const at = await world();
    const failure = await failureOf(send(at, odd).done);
    expect(failure.cause).toMatchObject({ kind: 'conflict', code: 'sources_disagree' });
    expect(`${failure.cause}`).toMatch(/part 1.*ignore_issues/);
    expect(partsLeft(at)).toEqual([]);
  });

  it('stops at an issue that only the look at all parts shows', async () => {
    const at = await world();
    at.emulator.inject(staged([{ id: 0, rows: 3 }], [{ issue: 'types disagree', column: 'id' }]));
    const failure = await failureOf(send(at, [SHIPS]).done);
    expect(failure).toMatchObject({ step: 'inspect', cause: { code: undefined } });
    expect(`${failure.cause}`).toContain('types disagree (column id)');
  });

  it('commits in spite of issues where it was told to', async () => {
    const at = await world();
    const { rowsWritten } = await send(at, odd, { ignoreIssues: true }).done;
    expect(rowsWritten).toBe(3);
  });
});

describe('the commit', () => {
  it.each<[string, OpteryxFault, number]>([
    ['its answer is lost', { on: 'commit', do: { lose_answer: true } }, 1],
    ['the service answers 504', { on: 'commit', do: { status: 504 } }, 0],
    ['the connection breaks off', { on: 'commit', do: { cut_after_bytes: 1 } }, 0],
    ['the answer is of no known form', { on: 'commit', do: { status: 200, body: 'done' } }, 0],
  ])('is never repeated, and nothing is deleted, where %s', async (_which, fault, executed) => {
    const at = await world();
    at.emulator.inject(fault);
    const failure = await failureOf(send(at, [SHIPS]).done);
    expect(failure).toMatchObject({ step: 'finish', left: { kind: 'perhaps_done' } });
    expect(at.emulator.state()).toMatchObject({
      commits_executed: executed,
      calls: { commit: 1, delete_part: 0 },
    });
    expect(partsLeft(at)).toHaveLength(1);
  });

  it('that is cancelled on its way may be done', async () => {
    const at = await world();
    const stop = new AbortController();
    at.emulator.inject({ on: 'commit', do: { stall_after_bytes: 1 } });
    const { done } = send(at, [SHIPS], {}, { signal: stop.signal });
    const failing = failureOf(done);
    await expect.poll(() => at.emulator.state().calls.commit).toBe(1);
    stop.abort(new Error('stopped'));
    expect((await failing).left).toEqual({ kind: 'perhaps_done' });
  });

  it('that is refused deletes the parts', async () => {
    const at = await world();
    const taken = { status: 409, body: { detail: 'dataset exists' } };
    at.emulator.inject({ on: 'commit', do: taken });
    const failure = await failureOf(send(at, [SHIPS]).done);
    expect(failure).toMatchObject({ step: 'finish', left: { kind: 'nothing' } });
    expect(partsLeft(at)).toEqual([]);
  });

  it('is sent again with another token, or after a rate limit: it was not carried out', async () => {
    const at = await world();
    at.emulator.inject({ on: 'commit', do: { expire_token: true } });
    at.emulator.inject({ on: 'commit', after: 1, do: { status: 429 } });
    await send(at, [SHIPS]).done;
    expect(at.emulator.state().commits_executed).toBe(1);
  });
});

/** The same source, of which something happens before its second chunk. */
function passing(source: UploadSource, happens: () => unknown): UploadSource {
  let passes = 0;
  return {
    get size() {
      return source.size;
    },
    async *chunks(signal, range) {
      passes += 1;
      // The first pass is the look at what the file is.
      if (passes === 2) await happens();
      yield* source.chunks(signal, range);
    },
    close: () => source.close(),
  };
}
