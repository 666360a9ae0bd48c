import { brotliCompressSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tableSamples } from '../../../../src/connectors/opteryx/contracts/table_samples.ts';
import { withOpenTables } from '../../../../src/connectors/opteryx/open_tables.ts';
import { parquetSample } from '../../../../src/connectors/opteryx/parts/parquet_sample.ts';
import { type TextKind, tableKind } from '../../../../src/connectors/opteryx/parts/table_kind.ts';
import { textSample } from '../../../../src/connectors/opteryx/parts/text_sample.ts';
import { memorySource } from './memory_source.ts';
import { parquetFile } from './parquet_file.ts';
import { csvRows } from './simple_csv.ts';

const { signal } = new AbortController();

function textKind(name: string): TextKind {
  const kind = tableKind(name);
  if (kind.format === 'parquet') throw new Error(`${name} is no text`);
  return kind;
}

async function sampleOf(name: string, bytes: string | Uint8Array, most?: number): Promise<string> {
  const source = memorySource(Buffer.from(bytes), [5]);
  const sample = await textSample(source, textKind(name), signal, most);
  await expect.poll(() => source.open).toBe(0);
  return Buffer.from(sample).toString();
}

describe('a sample of a text', () => {
  it.each<[what: string, name: string, text: string, most: number, sample: string]>([
    ['a small file whole', 'a.csv', 'a,b\n1,2', 100, 'a,b\n1,2'],
    ['what fits to the byte', 'a.csv', 'a\n1\n2\n3\n', 6, 'a\n1\n2\n'],
    ['no half record', 'a.csv', 'a\n1\n2\n3\n', 7, 'a\n1\n2\n'],
    ['one row at least', 'a.csv', 'header\n1234\n5678\n', 3, 'header\n1234\n'],
    ['one row after blank lines', 'a.csv', 'header\n\n\r\n1234\n5678\n', 3, 'header\n\n\r\n1234\n'],
    ['a quoted newline as part of its row', 'a.csv', 'a\n"1\n\n\n2"\n3\n', 4, 'a\n"1\n\n\n2"\n'],
    ['a header alone', 'a.csv', 'a,b', 100, 'a,b\n'],
    ['whole lines', 'a.ndjson', '{"a":1}\n{"a":2}\n', 15, '{"a":1}\n'],
    ['one line at least', 'a.ndjson', '{"a":1}\n{"a":2}\n', 1, '{"a":1}\n'],
    ['a last line without a newline', 'a.ndjson', '{"a":1}', 1, '{"a":1}'],
  ])('holds %s', async (_, name, text, most, expected) => {
    expect(await sampleOf(name, text, most)).toBe(expected);
    expect(await sampleOf(`${name}.gz`, gzipSync(text), most)).toBe(expected);
    expect(await sampleOf(`${name}.br`, brotliCompressSync(text), most)).toBe(expected);
  });

  it('is the beginning of the table, of whole records, as long as it may be', async () => {
    const rows = fc.array(fc.string({ maxLength: 9 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 30, max: 200 }), async (values, most) => {
        const lines = values.map((value) => `"${value.replaceAll('"', '""')}"\n`);
        const text = `"a\nb"\n${lines.join('')}`;
        const sample = await sampleOf('a.csv', text, most);
        expect(text.startsWith(sample)).toBe(true);
        expect(csvRows(sample)).toEqual(csvRows(text).slice(0, csvRows(sample).length));
        const next = lines[csvRows(sample).length - 1] ?? '';
        expect(Buffer.byteLength(sample)).toBeLessThanOrEqual(most);
        if (next !== '') expect(Buffer.byteLength(sample + next)).toBeGreaterThan(most);
      }),
    );
  });

  it('reads no more than it needs', async () => {
    const source = memorySource(Buffer.from(`a\n${'1\n'.repeat(10_000)}`), [100]);
    await textSample(source, textKind('a.csv'), signal, 250);
    expect(source.read).toBe(300);
  });

  it.each([
    ['a.csv', '', { name: 'EmptyTable' }],
    ['a.ndjson', '\n\n', { name: 'EmptyTable' }],
    ['a.csv', 'a\n"1\n2\n', { name: 'NotATable', reason: 'unclosed_quote' }],
    ['a.csv.gz', 'a\n1\n', { name: 'NotATable', reason: 'damaged_codec' }],
  ])('of %s with %j is refused', async (name, text, error) => {
    await expect(sampleOf(name, text)).rejects.toMatchObject(error);
  });
});

describe('a sample of a Parquet file', () => {
  const sample = async (bytes: Buffer, whole?: number) =>
    Buffer.from(await parquetSample(memorySource(bytes, [7]), signal, whole));

  it('is its beginning and its footer', async () => {
    expect(await sample(parquetFile(9000, 300), 9000)).toEqual(parquetFile(0, 300));
  });

  it('is the whole of a small file', async () => {
    expect(await sample(parquetFile(9000, 300))).toEqual(parquetFile(9000, 300));
  });

  it('reads nothing in between', async () => {
    const source = memorySource(parquetFile(9000, 300));
    await parquetSample(source, signal, 9000);
    expect(source.read).toBe(4 + 8 + 308);
  });

  it.each([
    ['a footer of no bytes', parquetFile(100, 10, { stated: 0 }), 'parquet_footer'],
    [
      'a footer that is longer than the file',
      parquetFile(100, 10, { stated: 111 }),
      'parquet_footer',
    ],
    ['a footer of 4 GiB', parquetFile(100, 10, { stated: 2 ** 32 - 1 }), 'parquet_footer'],
    ['an encrypted footer', parquetFile(100, 10, { end: 'PARE' }), 'parquet_encrypted'],
    ['another end', parquetFile(100, 10, { end: 'PAR2' }), 'not_parquet'],
  ])('with %s is refused', async (_, bytes, reason) => {
    await expect(sample(bytes)).rejects.toMatchObject({ name: 'NotATable', reason });
  });

  it('with a footer as long as the file is the file', async () => {
    expect(await sample(parquetFile(100, 10, { stated: 110 }), 0)).toEqual(
      parquetFile(100, 10, { stated: 110 }),
    );
  });
});

describe('the samples of several files', () => {
  it('go by the names under which the files are sent, no two alike, and none of a compression', async () => {
    const text = 'a,b\n1,2\n';
    const files = {
      'a.csv': text,
      'a.csv.gz': gzipSync(text),
      'b.jsonl.br': brotliCompressSync('{"a":1}\n'),
    };
    const tables = Object.entries(files).map(([fileName, bytes]) => ({
      fileName,
      open: async () => memorySource(Buffer.from(bytes), [5]),
    }));
    await withOpenTables(tables, signal, async (open) => {
      const names = (await tableSamples(open, signal)).map(({ name }) => name);
      expect(names).toEqual(['a.csv', '2-a.csv', 'b.jsonl']);
      expect(open.map(({ wireName }) => wireName)).toEqual(names);
    });
  });

  it('are few bytes together, also where each file alone would go whole', async () => {
    const file = parquetFile(900_000, 500);
    const tables = Array.from({ length: 40 }, (_, at) => ({
      fileName: `${at}.parquet`,
      open: async () => memorySource(file, [file.length]),
    }));
    const samples = await withOpenTables(tables, signal, (open) => tableSamples(open, signal));
    const bytes = samples.reduce((sum, sample) => sum + sample.bytes.length, 0);
    expect(bytes).toBeLessThan(32 * 1024 * 1024);
  });
});
