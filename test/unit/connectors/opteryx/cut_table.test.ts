import { randomBytes } from 'node:crypto';
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutTable } from '../../../../src/connectors/opteryx/parts/cut_table.ts';
import type { TablePart } from '../../../../src/connectors/opteryx/parts/open_part.ts';
import {
  defaultLimits,
  type PartLimits,
} from '../../../../src/connectors/opteryx/parts/part_limits.ts';
import { type TextKind, tableKind } from '../../../../src/connectors/opteryx/parts/table_kind.ts';
import { memorySource } from './memory_source.ts';
import { csvRows } from './simple_csv.ts';

const { signal } = new AbortController();

/** Small enough that a few records fill a part. */
const SMALL: PartLimits = { aimBytes: 700, wireBytes: 8_000, decodedBytes: 9_000, mostParts: 1000 };

function textKind(name: string): TextKind {
  const kind = tableKind(name);
  if (kind.format === 'parquet') throw new Error(`${name} is no text`);
  return kind;
}

async function partsOf(
  name: string,
  bytes: Uint8Array,
  limits: Partial<PartLimits> = {},
  lengths?: readonly number[],
): Promise<TablePart[]> {
  const parts: TablePart[] = [];
  for await (const part of cutTable(memorySource(bytes, lengths), textKind(name), limits, signal)) {
    parts.push(part);
  }
  return parts;
}

const decoded = (part: TablePart): Buffer => gunzipSync(part.body);
const text = (part: TablePart): string => decoded(part).toString();

function assertWithin(parts: readonly TablePart[], limits: PartLimits): void {
  for (const part of parts) {
    expect(part.body.length).toBeLessThanOrEqual(limits.wireBytes);
    if (part.records > 1) expect(part.body.length).toBeLessThanOrEqual(limits.aimBytes);
    expect(part.decodedBytes).toBe(decoded(part).length);
    expect(part.decodedBytes).toBeLessThanOrEqual(limits.decodedBytes);
  }
}

function assertProgress(parts: readonly TablePart[], size: number): void {
  const ends = parts.map(({ sourceEnd }) => sourceEnd);
  expect(ends).toEqual([...ends].sort((one, other) => one - other));
  expect(ends.at(-1)).toBe(size);
}

const fieldText = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('', '"', '""', '\n', '\r\n', ',', '",\n"', 'a\n\n"b', '雪,"'),
  },
  { weight: 1, arbitrary: fc.nat(1500).map((length) => 'long "field"\n'.repeat(length / 13)) },
  {
    weight: 1,
    arbitrary: fc
      .uint8Array({ maxLength: 1500 })
      .map((bytes) => Buffer.from(bytes).toString('base64')),
  },
);

/** A field as it is written: quoted where it must be, and sometimes where it need not be. */
const csvField = fc
  .tuple(fieldText, fc.boolean())
  .map(([value, quotes]) =>
    quotes || value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value,
  );

/** Rows as they are written, without what stands between them. */
const csvRecord = (width: number) =>
  fc.array(csvField, { minLength: width, maxLength: width }).map((fields) => fields.join(','));

const csvText = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc.record({
    mark: fc.constantFrom('', '\ufeff'),
    newline: fc.constantFrom('\n', '\r\n'),
    // Beside one that is longer than a part may be, nothing else would be seen.
    header: fc
      .array(fc.constantFrom('id', '"a ""b"""', '"two\nlines"', 'größe', '"x,y"'), {
        minLength: width,
        maxLength: width,
      })
      .map((names) => names.join(',')),
    records: fc.array(csvRecord(width), { minLength: 1, maxLength: 60, size: 'max' }),
    endsOpen: fc.boolean(),
    blankAtEnd: fc.nat(3),
  }),
);

const chunkLengths = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5000 })),
  {
    minLength: 1,
    maxLength: 5,
  },
);

describe('a CSV, cut', () => {
  it('has all its records in parts that are tables of their own, within both limits', async () => {
    let severalParts = 0;
    await fc.assert(
      fc.asyncProperty(csvText, chunkLengths, async (csv, lengths) => {
        const { mark, newline, header, records, endsOpen, blankAtEnd } = csv;
        const last = endsOpen ? '' : newline.repeat(1 + blankAtEnd);
        const body = records.join(newline) + last;
        const head = mark + header + newline;
        const bytes = Buffer.from(head + body);
        const parts = await partsOf('t.csv', bytes, SMALL, lengths);
        if (parts.length > 1) severalParts++;

        const bodies = parts.map((part) => {
          expect(text(part).startsWith(head)).toBe(true);
          return text(part).slice(head.length);
        });
        // Blank lines at the end go with the records before them, or are left out.
        expect(bodies.join('').trimEnd()).toBe(body.trimEnd());
        const [names, ...rows] = csvRows(head + body);
        const parsed = parts.map((part) => csvRows(text(part)));
        for (const table of parsed) expect(table[0]).toEqual(names);
        expect(parsed.flatMap((table) => table.slice(1))).toEqual(rows);
        expect(parts.map((part) => part.records)).toEqual(parsed.map((table) => table.length - 1));
        assertWithin(parts, SMALL);
      }),
      { numRuns: 200 },
    );
    expect(severalParts).toBeGreaterThan(30);
  });

  it.each<[what: string, source: string, parts: string[]]>([
    ['a header alone', 'a,b\n', ['a,b\n']],
    ['a header without its newline', 'a,b', ['a,b\n']],
    ['a header and blank lines', 'a,b\r\n\r\n\n', ['a,b\r\n\r\n\n']],
    ['blank lines first', '\n\r\na,b\n1,2', ['\n\r\na,b\n1,2']],
    ['a byte order mark before quotes', '\ufeff"a\nb",c\n1,2\n', ['\ufeff"a\nb",c\n1,2\n']],
    ['a newline in the quotes of the last record', 'a\n"1\n2"', ['a\n"1\n2"']],
    ['a quote inside a field', 'a,b\n5" pipe,2\n6" pipe,3\n', ['a,b\n5" pipe,2\n6" pipe,3\n']],
  ])('%s', async (_, source, expected) => {
    expect((await partsOf('t.csv', Buffer.from(source))).map(text)).toEqual(expected);
  });

  it.each([
    [',', 'a,b\n1,5;"\n2,x\n'],
    [';', 'a;b\n"1\n2";"\n"\n2;3,"\n'],
    ['\t', 'a\tb\n"1\n2"\t"\n"\n2\t3,"\n'],
    ['|', '"a,b,c"|b\n"1\n2"|"\n"\n2|3;"\n'],
  ])('opens quotes after the separator of its header alone: %j', async (delimiter, source) => {
    const oneEach = { ...SMALL, aimBytes: 1 };
    const parts = await partsOf('t.csv', Buffer.from(source), oneEach);
    const rows = parts.flatMap((part) => csvRows(text(part), delimiter).slice(1));
    expect(rows).toEqual(csvRows(source, delimiter).slice(1));
    expect(parts.map(({ records }) => records)).toEqual([1, 1]);
  });

  it('counts no blank lines, and makes no part of them', async () => {
    const source = `a\n1\n\n2\n${'\n'.repeat(300)}3\n${'\n'.repeat(300)}`;
    const parts = await partsOf('t.csv', Buffer.from(source), { ...SMALL, aimBytes: 1 });
    expect(parts.map(({ records }) => records)).toEqual([1, 1, 1]);
    expect(parts.map((part) => csvRows(text(part)).at(-1))).toEqual([['1'], ['2'], ['3']]);
  });
});

/** With what ends them; blank ones are no records, and may be left out. */
const linesOf = (lines: string): string[] =>
  lines.split(/(?<=\n)/).filter((it) => it.trim() !== '');

describe('NDJSON, cut', () => {
  it('has all its lines in parts of whole lines, within both limits', async () => {
    const line = fc
      .dictionary(fc.string({ maxLength: 5 }), fc.oneof(fieldText, fc.integer(), fc.constant(null)))
      .map((record) => JSON.stringify(record));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 60, size: 'max' }),
        fc.constantFrom('\n', '\r\n', '\n\n'),
        fc.boolean(),
        chunkLengths,
        async (lines, newline, endsOpen, lengths) => {
          const source = lines.join(newline) + (endsOpen ? '' : newline);
          const bytes = Buffer.from(source);
          const parts = await partsOf('t.ndjson', bytes, SMALL, lengths);
          const read = parts.map((part) => linesOf(text(part)));
          expect(read.flat()).toEqual(linesOf(source));
          for (const it of read.flat()) JSON.parse(it);
          expect(read.map(({ length }) => length)).toEqual(parts.map(({ records }) => records));
          assertWithin(parts, SMALL);
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** Lines that hardly compress. */
const noise = (lines: number, width = 60): string =>
  Array.from({ length: lines }, () => `${randomBytes(width).toString('base64')}\n`).join('');

/** A gzip file whose CRC-32 is another. */
function wrongSum(bytes: Buffer): Buffer {
  const at = bytes.length - 8;
  bytes.writeUInt32LE(~bytes.readUInt32LE(at) >>> 0, at);
  return bytes;
}

describe('a compressed table', () => {
  const source = `id\n${noise(400)}`;

  it.each([
    ['t.csv.gz', gzipSync(source)],
    ['T.CSV.GZ', Buffer.concat([gzipSync(source.slice(0, 999)), gzipSync(source.slice(999))])],
    ['t.csv.br', brotliCompressSync(source)],
  ])('%s is read as the text that it holds', async (name, bytes) => {
    const parts = await partsOf(name, bytes, SMALL, [1, 7, 500]);
    expect(`id\n${parts.map((part) => text(part).slice(3)).join('')}`).toBe(source);
    expect(parts.length).toBeGreaterThan(10);
    assertWithin(parts, SMALL);
    assertProgress(parts, bytes.length);
  });

  it.each([
    ['t.csv.gz', gzipSync(source).subarray(0, -12)],
    ['t.csv.gz', Buffer.from(source)],
    ['t.csv.gz', wrongSum(gzipSync(source))],
    ['t.csv.br', brotliCompressSync(source).subarray(0, -12)],
    ['t.csv.br', Buffer.from('no Brotli at all, surely not')],
  ])('%s that is damaged is refused', async (name, bytes) => {
    await expect(partsOf(name, bytes)).rejects.toMatchObject({
      name: 'NotATable',
      reason: 'damaged_codec',
    });
  });
});

describe('parts', () => {
  it('say how far they bring the source', async () => {
    const bytes = Buffer.from(`id\n${noise(300)}`);
    const parts = await partsOf('t.csv', bytes, SMALL);
    assertProgress(parts, bytes.length);
    const sizes = parts.map((part) => part.decodedBytes - 'id\n'.length);
    let end = 'id\n'.length;
    expect(parts.map(({ sourceEnd }) => sourceEnd)).toEqual(sizes.map((size) => (end += size)));
  });

  it('are the same bytes when they are cut again', async () => {
    const bytes = Buffer.from(`id\n${noise(300)}`);
    const [first, again] = [
      await partsOf('t.csv', bytes, SMALL),
      await partsOf('t.csv', bytes, SMALL, [77]),
    ];
    expect(again).toEqual(first);
  });

  it('are few and whole by default', async () => {
    const bytes = Buffer.from(`id\n${noise(2 ** 14, 750)}`);
    const parts = await partsOf('t.csv', bytes, {}, [2 ** 18]);
    expect(parts).toHaveLength(2);
    const records = Buffer.concat(parts.map((part) => decoded(part).subarray(3)));
    expect(records.equals(bytes.subarray(3))).toBe(true);
    assertWithin(parts, defaultLimits(bytes.length, undefined));
  });

  it('may be larger for one record', async () => {
    const large = randomBytes(2000).toString('hex');
    const parts = await partsOf('t.csv', Buffer.from(`id\n1\n${large}\n2\n`), SMALL);
    expect(parts.map((part) => csvRows(text(part)).slice(1))).toEqual([
      [['1']],
      [[large]],
      [['2']],
    ]);
    expect(parts[1]?.body.length).toBeGreaterThan(SMALL.aimBytes);
    assertWithin(parts, SMALL);
  });
});

describe('what cannot be cut', () => {
  const wire = randomBytes(4000).toString('hex');
  const long = 'x'.repeat(SMALL.decodedBytes);

  it.each<[what: string, name: string, source: string, error: Record<string, unknown>]>([
    ['nothing', 't.csv', '', { name: 'EmptyTable' }],
    ['nothing', 't.ndjson', '', { name: 'EmptyTable' }],
    ['blank lines', 't.csv', '\n\r\n\n', { name: 'EmptyTable' }],
    ['blank lines', 't.ndjson', '\n\r\n\n', { name: 'EmptyTable' }],
    ['a byte order mark', 't.csv', '\ufeff\r\n', { name: 'EmptyTable' }],
    [
      'a quote that stays open',
      't.csv',
      'a,b\n1,2\n3,"4\n',
      { name: 'NotATable', reason: 'unclosed_quote', offset: 8 },
    ],
    [
      'a quote that opens at the very end',
      't.csv',
      'a\n1\n"',
      { name: 'NotATable', reason: 'unclosed_quote', offset: 4 },
    ],
    [
      'a record with too many bytes',
      't.csv',
      `id\n1\n${long}\n`,
      { name: 'RecordTooLarge', offset: 5, record: 2, of: 'decoded', limitBytes: 8997 },
    ],
    [
      'a line with too many bytes',
      't.ndjson',
      `1\n\n${long}x`,
      { name: 'RecordTooLarge', offset: 3, record: 2, of: 'decoded', limitBytes: 9000 },
    ],
    [
      'a header with too many bytes',
      't.csv',
      `${long}x\n1\n`,
      { name: 'RecordTooLarge', offset: 0, record: 0, of: 'decoded' },
    ],
    [
      'a record that compresses too little',
      't.csv',
      `id\n1\n2\n${wire}${wire.slice(0, 900)}\n`,
      { name: 'RecordTooLarge', offset: 7, record: 3, of: 'wire', limitBytes: 4000 },
    ],
    [
      'a header that compresses too little',
      't.csv',
      `${wire}${wire.slice(0, 900)}`,
      { name: 'RecordTooLarge', offset: 0, record: 0, of: 'wire' },
    ],
  ])('%s (%s)', async (_, name, source, error) => {
    const limits = { ...SMALL, wireBytes: error['of'] === 'wire' ? 4000 : 8000 };
    await expect(partsOf(name, Buffer.from(source), limits, [999])).rejects.toMatchObject(error);
  });

  it('is a record that does not end, of which no more is read than a part may have', async () => {
    const source = memorySource(Buffer.from(`id\n"${'x'.repeat(10 * SMALL.decodedBytes)}`), [1000]);
    const cut = cutTable(source, textKind('t.csv'), SMALL, signal);
    await expect(cut.next()).rejects.toMatchObject({
      name: 'RecordTooLarge',
      record: 1,
      offset: 3,
    });
    expect(source.read).toBeLessThanOrEqual(SMALL.decodedBytes + 1000);
  });
});

describe('a table of too many parts', () => {
  const tooMany = { name: 'TooManyParts', mostParts: 3 };

  it('is refused before it is read where its size tells', async () => {
    const source = memorySource(Buffer.alloc(3 * SMALL.decodedBytes + 1, 'a\n'));
    const cut = cutTable(source, textKind('t.csv'), { ...SMALL, mostParts: 3 }, signal);
    await expect(cut.next()).rejects.toMatchObject(tooMany);
    expect(source.read).toBe(0);
  });

  it('is refused with the first part if the rest is too much for the others', async () => {
    const limits = { ...SMALL, mostParts: 3 };
    const source = memorySource(
      Buffer.from(`id\n${noise(10)}${'same\n'.repeat(3800)}${noise(90)}`),
      [500],
    );
    const cut = cutTable(source, textKind('t.csv'), limits, signal);
    await expect(cut.next()).rejects.toMatchObject(tooMany);
    expect(source.read).toBeLessThan(source.size / 2);
  });

  it.each(['t.csv', 't.csv.gz'])('%s is refused when the last of them is full', async (name) => {
    const plain = Buffer.from(`id\n${noise(60)}`);
    const bytes = name.endsWith('.gz') ? gzipSync(plain) : plain;
    const enough = (await partsOf(name, bytes, SMALL)).length;
    expect(await partsOf(name, bytes, { ...SMALL, mostParts: enough })).toHaveLength(enough);
    const limits = { ...SMALL, mostParts: enough - 1 };
    await expect(partsOf(name, bytes, limits)).rejects.toMatchObject({ name: 'TooManyParts' });
  });
});

describe('cutting, stopped', () => {
  const bytes = Buffer.from(`id\n${noise(5000)}`);

  it.each(['t.csv', 't.csv.gz'])('by its reader leaves nothing open: %s', async (name) => {
    const source = memorySource(name.endsWith('.gz') ? gzipSync(bytes) : bytes, [500]);
    for await (const part of cutTable(source, textKind(name), SMALL, signal)) {
      expect(part.records).toBeGreaterThan(0);
      break;
    }
    await expect.poll(() => source.open).toBe(0);
    expect(source.read).toBeLessThan(source.size);
  });

  it.each(['t.csv', 't.csv.gz'])('by a signal throws its reason: %s', async (name) => {
    const stop = new AbortController();
    const source = memorySource(name.endsWith('.gz') ? gzipSync(bytes) : bytes, [500]);
    const cut = cutTable(source, textKind(name), SMALL, stop.signal);
    await cut.next();
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(cut.next()).rejects.toBe(reason);
    await expect.poll(() => source.open).toBe(0);
  });

  it.each(['t.csv', 't.csv.gz'])('by a signal waits for no source: %s', async (name) => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const source = {
      size: 10,
      async *chunks() {
        setImmediate(() => stop.abort(reason));
        yield await new Promise<Uint8Array>(() => {});
      },
      close: async () => {},
    };
    const cut = cutTable(source, textKind(name), SMALL, stop.signal);
    await expect(cut.next()).rejects.toBe(reason);
  });

  it.each(['t.csv', 't.csv.gz'])('by its source throws what that threw: %s', async (name) => {
    const problem = new Error('the file changed');
    const source = {
      size: 10,
      async *chunks() {
        yield gzipSync('id\n').subarray(0, 5);
        throw problem;
      },
      close: async () => {},
    };
    await expect(cutTable(source, textKind(name), SMALL, signal).next()).rejects.toBe(problem);
  });
});
