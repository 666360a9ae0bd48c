import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { assertAllStaged } from '../../../../src/connectors/opteryx/all_staged.ts';
import { fileNameHeader } from '../../../../src/connectors/opteryx/file_name_header.ts';
import {
  acceptedPart,
  committedSession,
  inspectedSession,
  startedSession,
} from '../../../../src/connectors/opteryx/session_answers.ts';
import { assertNotOver, sessionLife } from '../../../../src/connectors/opteryx/session_life.ts';
import { isSessionId, sessionPath } from '../../../../src/connectors/opteryx/session_paths.ts';
import { memorySource } from '../../../../src/transfer/sources/memory_source.ts';

const never = new AbortController().signal;

describe('a source in memory', () => {
  const ranges = fc
    .tuple(fc.nat(3_000_000), fc.nat(3_000_000), fc.nat(3_000_000))
    .map((all) => all.sort((a, b) => a - b))
    .map(([start = 0, end = 0, size = 0]) => ({ start, end, size }));

  it('gives each range whole, in chunks that are full', async () => {
    await fc.assert(
      fc.asyncProperty(ranges, async ({ start, end, size }) => {
        const bytes = Buffer.alloc(size, 'abcdefg');
        const chunks: Uint8Array[] = [];
        for await (const chunk of memorySource(bytes).chunks(never, { start, end })) {
          chunks.push(chunk);
        }
        expect(Buffer.concat(chunks).equals(bytes.subarray(start, end))).toBe(true);
        const inner = chunks.slice(end - start >= 1024 * 1024 ? 1 : 0, -1);
        expect(inner.every((chunk) => chunk.length === 256 * 1024)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('stops with the reason of the signal', async () => {
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(memorySource(Buffer.alloc(9)).chunks(stopped).next()).rejects.toThrow('stopped');
  });
});

describe('the name of a file as a header', () => {
  it.each([
    ['ships.csv', 'ships.csv'],
    ['/home/ada/ships.csv', 'ships.csv'],
    ['a b.csv', 'a%20b.csv'],
    ['50%.csv', '50%25.csv'],
    ['größe.parquet', 'gr%C3%B6%C3%9Fe.parquet'],
    ['a\r\nx-evil: 1.csv', 'a%0D%0Ax-evil:%201.csv'],
    ['\ud800.csv', '_.csv'],
  ])('of %j is %s', (name, header) => {
    expect(fileNameHeader(name)).toBe(header);
  });

  it('is visible ASCII and can be read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const name = `a${text.replaceAll('/', '')}.csv`;
        const header = fileNameHeader(name);
        expect(header).toMatch(/^[\x21-\x7e]+$/);
        expect(decodeURIComponent(header)).toBe(name);
        expect(header.endsWith('.csv')).toBe(true);
      }),
    );
  });
});

describe('the id of a session', () => {
  it.each(['20260822101500-abc', 'ct_1', 'a.b~c:d'])('may be %s', (id) => {
    expect(isSessionId(id)).toBe(true);
    expect(new URL(`http://x${sessionPath(id, '/inspect')}`).pathname).toMatch(
      /^\/v1\/upload\/[^/]+\/inspect$/,
    );
  });

  it.each(['', '.', '..', '...', 'a/b', 'a?b', 'a#b', 'a b', '%2e%2e', 'a'.repeat(201)])(
    'is not %j',
    (id) => {
      expect(isSessionId(id)).toBe(false);
      expect(startedSession().safeParse({ session_id: id }).success).toBe(false);
    },
  );
});

describe('answers of any age', () => {
  it.each([
    ['nothing', undefined, { issues: [] }],
    ['a word', { status: 'stored' }, { status: 'stored', issues: [] }],
    ['rows', { rows: 7, issues: [] }, { rows: 7, issues: [] }],
    ['other forms', { rows: 'many', issues: 'none' }, { rows: undefined, issues: [] }],
    ['a text', 'stored', { issues: [] }],
    [
      'issues, some of another form',
      { issues: [{ issue: 'odd', column: 'id', more: 1 }, 'text', { part: 1 }] },
      { issues: [{ issue: 'odd', column: 'id', more: 1 }] },
    ],
  ])('to a part: %s', (_which, json, read) => {
    expect(acceptedPart().parse(json)).toEqual(expect.objectContaining(read));
  });

  it('to a look: 204 is nothing staged', () => {
    expect(inspectedSession().parse(undefined)).toEqual({
      staged: 'nothing',
      parts: [],
      issues: [],
    });
  });

  it('to a commit: any success', () => {
    expect(committedSession().parse(undefined)).toEqual({});
    expect(committedSession().parse({ table: 'a.b.c', rows_written: null })).toEqual({
      table: 'a.b.c',
      rows_written: null,
    });
  });
});

describe('how long a session lives', () => {
  const noon = Date.parse('2026-08-22T12:00:00Z');

  it.each([
    ['in six hours', '2026-08-22T18:00:00+00:00', 6 * 3600, undefined],
    ['just before its end', '2026-08-22T18:00:00Z', 6 * 3600 - 1, 'open'],
    ['where nothing is said', undefined, 1e6, 'open'],
    ['where it is no time', 'soon', 1e6, 'open'],
    ['where our clock must be wrong', '2026-08-22T11:00:00Z', 1e6, 'open'],
  ])('%s', (_which, expiresAt, seconds, state) => {
    const life = sessionLife(expiresAt, noon);
    const look = () => assertNotOver(life, 'opteryx.upload_part', noon + seconds * 1000);
    if (state === 'open') expect(look).not.toThrow();
    else expect(look).toThrow('the session ran out at 2026-08-22T18:00:00.000Z');
  });

  it('is the same wherever this machine stands, if no zone is named', () => {
    vi.stubEnv('TZ', 'Asia/Kolkata');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(new Date(noon).getHours()).toBe(17);
    const { expires, endsAt } = sessionLife('2026-08-22T18:00:00', noon);
    expect([expires, endsAt]).toEqual(['2026-08-22T18:00:00.000Z', noon + 6 * 3_600_000]);
  });
});

describe('what a session holds, compared with what was sent', () => {
  const staged = (...parts: readonly object[]) => inspectedSession().parse({ parts });

  it('is the same where numbers and known rows are', () => {
    const sent = [
      { number: 0, rows: 2 },
      { number: 1, rows: undefined },
      { number: 2, rows: 5 },
    ];
    const held = staged({ id: 2, rows: null }, { id: 1, rows: 9 }, { id: 0, rows: 2 });
    expect(assertAllStaged(sent, held)).toEqual({ parts: 3, rows: 2, partsWithRows: 1 });
  });

  it.each([
    ['nothing is staged', inspectedSession().parse(undefined), 'part 0 is missing'],
    ['a part is missing', staged({ id: 1 }), 'part 0 is missing, part 1 was not sent'],
    ['rows differ', staged({ id: 0, rows: 3 }), 'part 0 has 3 rows instead of 2'],
  ])('differs where %s', (_which, held, words) => {
    expect(() => assertAllStaged([{ number: 0, rows: 2 }], held)).toThrow(words);
  });

  it('names ten faults at most', () => {
    const sent = Array.from({ length: 40 }, (_, number) => ({ number, rows: 1 }));
    expect(() => assertAllStaged(sent, staged())).toThrow(/part 9 is missing and 30 more$/);
  });
});
