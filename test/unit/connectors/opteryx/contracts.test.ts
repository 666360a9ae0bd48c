import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertAllWritten } from '../../../../src/connectors/opteryx/contracts/all_written.ts';
import { contracts } from '../../../../src/connectors/opteryx/contracts/contract_endpoints.ts';
import {
  blockingIssues,
  contractAnswer,
  dataAnswer,
  negotiationAnswer,
} from '../../../../src/connectors/opteryx/contracts/contract_model.ts';
import { isContractId } from '../../../../src/connectors/opteryx/contracts/contract_path.ts';
import {
  type ContractTerms,
  contractTerms,
  negotiationBody,
} from '../../../../src/connectors/opteryx/contracts/contract_terms.ts';
import { negotiationForm } from '../../../../src/connectors/opteryx/contracts/negotiation_form.ts';
import { planSeen } from '../../../../src/connectors/opteryx/contracts/plan_seen.ts';
import { risingAct } from '../../../../src/connectors/opteryx/contracts/rising_act.ts';
import { wireNamer } from '../../../../src/connectors/opteryx/wire_namer.ts';
import { formParts } from '../../../../src/sandbox/opteryx/v2/multipart_body.ts';

const target = { workspace: 'acme', collection: 'security', dataset: 'findings' };
const columns = [{ name: 'id', type: 'INT64' }];

describe('the terms of a contract', () => {
  it.each([
    ['fail', undefined, { mode: 'infer' }, 'fail'],
    ['fail', columns, { mode: 'declared', columns }, 'fail'],
    ['append', undefined, { mode: 'auto', write: 'append' }, 'append'],
    ['append', columns, { mode: 'declared', columns, write: 'append' }, 'append'],
    ['overwrite', undefined, { mode: 'auto', write: 'overwrite' }, 'overwrite'],
    ['overwrite', columns, { mode: 'declared', columns, write: 'overwrite' }, 'overwrite'],
  ] as const)('of %s with columns %j ask for %j', (conflictResolution, listed, schema, on) => {
    const terms = contractTerms({ target, conflictResolution, columns: listed });
    expect(negotiationBody(terms)).toEqual({ target, schema, on_conflict: on });
  });

  it('name columns to leave out only where there are some', () => {
    const terms = (ignore: string[]) =>
      negotiationBody(contractTerms({ target, conflictResolution: 'fail', ignore }));
    expect(terms(['a'])).toHaveProperty('ignore', ['a']);
    expect(terms([])).not.toHaveProperty('ignore');
  });
});

const body = {
  contract_id: 'ct_1',
  state: 'proposed',
  mode: 'infer',
  target,
  schema: columns,
  plan: [{ column: 'id', from: 'INT64', to: 'INT64', action: 'keep' }],
  issues: [],
  writes: [],
  rows_written: 0,
  schema_fingerprint: 'f_1',
  snapshot: null,
  expires_at: '2026-08-21T10:00:00Z',
};

describe('a contract as it is answered', () => {
  it.each([
    ['nothing but its id and state', { contract_id: 'ct_1', state: 'accepted' }],
    ['nulls', { ...body, schema: null, plan: null, issues: null, writes: null, expires_at: null }],
    ['members of other forms', { ...body, rows_written: 'many', mode: 7, snapshot: 9 }],
    ['more than we know', { ...body, colour: 'blue', plan: [{ column: 'id', why: 1 }] }],
  ])('may have %s', (_what, answered) => {
    const contract = contractAnswer().parse(answered);
    expect(contract.contract_id).toBe('ct_1');
    expect(contract.snapshot).toBeUndefined();
    expect(Array.isArray(contract.plan)).toBe(true);
  });

  it.each([
    ['no id', { ...body, contract_id: undefined }],
    ['an id that leads elsewhere', { ...body, contract_id: '../v1' }],
    ['no state', { ...body, state: undefined }],
  ])('may not have %s', (_what, answered) => {
    expect(contractAnswer().safeParse(answered).success).toBe(false);
  });

  it('keeps what it does not know, and takes values and writes where they are told', () => {
    expect(contractAnswer().parse({ ...body, colour: 'blue' })).toHaveProperty('colour', 'blue');
    expect(negotiationAnswer().parse({ ...body, values: { id: '7' } }).values).toEqual({ id: '7' });
    const written = [{ source: 'a.csv', rows: 2, bytes: 9, object: 'o' }];
    expect(dataAnswer().parse({ ...body, written }).written).toEqual(written);
    expect(dataAnswer().parse(body).written).toEqual([]);
  });

  it('is blocked by what the service says blocks, and by what it does not grade', () => {
    const issues = [
      { code: 'a', severity: 'warning' },
      { code: 'b', severity: 'blocking' },
      { code: 'c' },
    ];
    const contract = contractAnswer().parse({ ...body, issues });
    expect(blockingIssues(contract).map(({ code }) => code)).toEqual(['b', 'c']);
  });
});

describe('the plan that was seen', () => {
  const terms: ContractTerms = { target, mode: 'infer', onConflict: 'fail' };
  const seen = (more: object = {}, other: Partial<ContractTerms> = {}) =>
    planSeen({ ...terms, ...other }, contractAnswer().parse({ ...body, ...more }));

  it.each<[string, object, Partial<ContractTerms>]>([
    ['another contract', { contract_id: 'ct_2', expires_at: null }, {}],
    ['another fingerprint', { schema_fingerprint: 'f_2' }, {}],
    ['other values', { values: { id: '8' } }, {}],
    ['another state', { state: 'accepted' }, {}],
    ['nothing ignored, in other words', {}, { ignore: [] }],
  ])('is the same with %s', (_what, more, other) => {
    expect(seen(more, other)).toBe(seen());
  });

  it.each<[string, object, Partial<ContractTerms>]>([
    ['another type', { schema: [{ name: 'id', type: 'VARCHAR' }] }, {}],
    ['another column', { schema: [...columns, { name: 'b', type: 'VARCHAR' }] }, {}],
    ['another action', { plan: [{ column: 'id', from: 'A', to: 'B', action: 'cast' }] }, {}],
    ['an issue', { issues: [{ code: 'x', severity: 'warning' }] }, {}],
    ['another mode', { mode: 'dataset' }, {}],
    ['another table', {}, { target: { ...target, dataset: 'other' } }],
    ['a column ignored', {}, { ignore: ['b'] }],
    ['rows replaced', {}, { write: 'overwrite', onConflict: 'overwrite' }],
    ['rows appended', {}, { write: 'append', onConflict: 'append' }],
  ])('is another with %s', (_what, more, other) => {
    expect(seen(more, other)).not.toBe(seen());
  });
});

describe('the names of files at the service', () => {
  it('differ, whatever the files are called, and keep their endings', () => {
    const stem = fc.string({ minLength: 1, maxLength: 6, unit: 'binary' });
    fc.assert(
      fc.property(fc.array(stem, { maxLength: 8 }), (stems) => {
        const named = wireNamer();
        const names = stems.map((it) => named(`${it.replaceAll('/', '')}.csv`));
        expect(new Set(names).size).toBe(names.length);
        for (const name of names) expect(name).toMatch(/^[\x20-\x7e]+\.csv$/);
      }),
    );
  });

  it('are those of the files where these differ', () => {
    const named = wireNamer();
    expect(['a.csv', 'b.csv', 'a.csv', 'a.csv'].map(named)).toEqual([
      'a.csv',
      'b.csv',
      '2-a.csv',
      '3-a.csv',
    ]);
  });
});

describe('the form of a negotiation', () => {
  it('comes apart again into the contract and the samples, byte for byte', () => {
    const sample = fc.record({
      name: fc.string({ minLength: 1, unit: 'binary' }).map((it) => it.replaceAll(/["\\%]/g, '_')),
      bytes: fc.uint8Array({ maxLength: 200 }),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 4 }), (samples) => {
        const sane = samples.map(({ name, bytes }) => ({ name: `x${wireNamer()(name)}`, bytes }));
        const form = negotiationForm({ target }, sane);
        const [contract, ...others] = formParts(form.contentType, Buffer.from(form.body));
        expect(contract?.name).toBe('contract');
        expect(contract?.headers.get('content-type')).toBe('application/json');
        expect(JSON.parse(contract?.body.toString() ?? '')).toEqual({ target });
        expect(others.map(({ name, fileName, body: bytes }) => [name, fileName, bytes])).toEqual(
          sane.map(({ name, bytes }) => ['sample', name, Buffer.from(bytes)]),
        );
      }),
    );
  });

  it('lets no name end its quotes or its line', () => {
    const name = 'a"; name="contract"\r\nX: 1\r\n\r\n.csv';
    const form = negotiationForm({}, [{ name, bytes: new Uint8Array([1]) }]);
    const text = Buffer.from(form.body).toString();
    expect(text).not.toContain('\nX: 1');
    expect(text.match(/"contract"/g)).toHaveLength(1);
  });
});

describe('the requests of a contract', () => {
  const contract_id = 'ct_20260821_a';
  const path = `/v2/contracts/${contract_id}`;

  it.each([
    ['get', contracts.get.request({ contract_id }), { method: 'GET', path }],
    ['abandon', contracts.abandon.request({ contract_id }), { method: 'DELETE', path }],
    [
      'accept',
      contracts.accept.request({ contract_id, schema_fingerprint: 'f' }),
      { method: 'PUT', path: `${path}/accept`, json: { schema_fingerprint: 'f' } },
    ],
    [
      'amend types',
      contracts.amend.request({ contract_id, columns }),
      { method: 'PATCH', path, json: { columns: { id: 'INT64' } } },
    ],
    [
      'amend what is left out',
      contracts.amend.request({ contract_id, ignore: [] }),
      { method: 'PATCH', path, json: { ignore: [] } },
    ],
    [
      'commit',
      contracts.commit.request({ contract_id, message: 'first' }),
      {
        method: 'POST',
        path: `${path}/commit`,
        headers: { 'idempotency-key': `geopera-mcp-${contract_id}` },
        json: { message: 'first' },
      },
    ],
  ])('%s', (_what, request, expected) => {
    expect(request).toEqual(expected);
  });

  it.each(['', '.', '..', 'a/b', '../v1', 'a b', 'ä', 'a?b', 'x'.repeat(201)])(
    'are made for no id like %j',
    (id) => {
      expect(isContractId(id)).toBe(false);
      expect(contracts.get.input().safeParse({ contract_id: id }).success).toBe(false);
    },
  );
});

describe('what a contract holds', () => {
  const write = (source: string, rows?: number) => ({ source, rows, bytes: 900, object: 'o' });
  const sent = (...written: ReturnType<typeof write>[]) =>
    written.map((it) => ({ fileName: it.source, bytes: 10, written: [it] }));
  const held = (writes: unknown[], more: object = {}) =>
    contractAnswer().parse({ ...body, state: 'writing', writes, rows_written: undefined, ...more });

  it.each([
    ['the same', sent(write('a', 2), write('b', 3)), held([write('b', 3), write('a', 2)])],
    ['the same rows', sent(write('a', 2)), held([write('a', 2)], { rows_written: 2 })],
    ['rows that nobody counted', sent(write('a')), held([write('a')], { rows_written: 2 })],
    [
      'a write for each, where nothing was told',
      [{ fileName: 'a', bytes: 1, written: [] }],
      held([write('a', 2)]),
    ],
  ])('is what was sent: %s', (_what, files, contract) => {
    expect(() => assertAllWritten(files, contract)).not.toThrow();
  });

  it.each([
    ['less', sent(write('a', 2), write('b', 3)), held([write('a', 2)]), 'unexpected_answer'],
    ['more', sent(write('a', 2)), held([write('a', 2), write('a', 2)]), 'unexpected_answer'],
    ['other rows', sent(write('a', 2)), held([write('a', 1)]), 'unexpected_answer'],
    [
      'another count',
      sent(write('a', 2)),
      held([write('a', 2)], { rows_written: 3 }),
      'unexpected_answer',
    ],
    [
      'nothing, where nothing was told',
      [{ fileName: 'a', bytes: 1, written: [] }],
      held([]),
      'unexpected_answer',
    ],
    ['what is stale', sent(write('a', 2)), held([write('a', 2)], { state: 'stale' }), 'conflict'],
  ])('is not what was sent: %s', (_what, files, contract, kind) => {
    expect(() => assertAllWritten(files, contract)).toThrow(expect.objectContaining({ kind }));
  });
});

describe('progress of what is begun anew', () => {
  it('does not fall, and its end may be asked for', async () => {
    const done: number[] = [];
    const act = risingAct({
      signal: new AbortController().signal,
      onProgress: (progress) => done.push(progress.done),
      mayFinish: async () => false,
    });
    for (const at of [1, 5, 0, 3, 9]) act.onProgress({ done: at, message: 'Uploading' });
    expect(done).toEqual([1, 5, 5, 5, 9]);
    expect(await act.mayFinish?.()).toBe(false);
  });
});
