import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { assertTable } from '../../../../src/connectors/opteryx/parts/assert_table.ts';
import { tableKind } from '../../../../src/connectors/opteryx/parts/table_kind.ts';
import { memorySource } from './memory_source.ts';
import { parquetFile } from './parquet_file.ts';

const { signal } = new AbortController();
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const long = JSON.stringify({ a: 'x'.repeat(100_000) });

const TABLES: readonly (readonly [what: string, name: string, bytes: string | Uint8Array])[] = [
  ['a CSV', 'a.csv', 'a,b\n1,2\n'],
  ['a CSV with a return inside', 'a.csv', 'a\n"1\r2"\n'],
  ['a header without a newline', 'a.csv', 'a,b'],
  ['a header with the letters of Parquet', 'a.csv', 'PAR1,PAR2\n1,2\n'],
  ['nothing, which is for the cutting to refuse', 'a.csv', ''],
  ['a compressed CSV', 'a.csv.gz', gzipSync(`a,b\n${'1,2\n'.repeat(90_000)}`)],
  ['lines of objects', 'a.ndjson', '{"a":[1]}\n{"a":2}\n'],
  ['one object', 'a.json', '{"a":1}'],
  ['a byte order mark and a blank line', 'a.jsonl', '\ufeff\r\n{"a":1}\r\n'],
  ['a line that is longer than what is looked at', 'a.json', `${long}\n`],
  ['a compressed line', 'a.json.gz', gzipSync(long)],
  ['a Parquet file', 'a.parquet', parquetFile(100, 50)],
];

describe('what its name says', () => {
  it.each(TABLES)('is %s (%s)', async (_, name, bytes) => {
    const source = memorySource(Buffer.from(bytes), [3, 5000]);
    await assertTable(source, tableKind(name), signal);
    await expect.poll(() => source.open).toBe(0);
    expect(source.read).toBeLessThan(80_000);
  });

  it.each<[what: string, name: string, bytes: string | Uint8Array, reason: string]>([
    ['UTF-16 with a mark', 'a.csv', Buffer.from([0xff, 0xfe, 0x61, 0]), 'utf16'],
    ['UTF-16 without one', 'a.csv', utf16('a,b\n1,2\n'), 'utf16'],
    ['UTF-16, the other way round', 'a.ndjson', utf16('{"a":1}').swap16(), 'utf16'],
    ['UTF-16, compressed', 'a.csv.gz', gzipSync(utf16('a,b\n')), 'utf16'],
    ['NUL bytes', 'a.csv', 'a,b\n1,\0\n', 'binary'],
    ['gzip', 'a.csv', gzipSync('a,b\n'), 'compressed_inside'],
    ['gzip twice', 'a.csv.gz', gzipSync(gzipSync('a,b\n')), 'compressed_inside'],
    ['Zstandard', 'a.csv', Buffer.from('28b52ffd0000', 'hex'), 'compressed_inside'],
    ['a ZIP archive', 'a.csv', Buffer.from('504b030414000600', 'hex'), 'archive'],
    ['an old spreadsheet', 'a.csv', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'archive'],
    ['Parquet under another name', 'a.csv', parquetFile(100, 50), 'parquet_inside'],
    ['no gzip', 'a.csv.gz', 'a,b\n', 'damaged_codec'],
    ['lines that end in returns', 'a.csv', 'a,b\r1,2\r', 'bare_returns'],
    ['an array', 'a.json', '[\n{"a":1}\n]', 'json_array'],
    ['an array after a mark', 'a.json', '\ufeff [{"a":1}]', 'json_array'],
    ['an object over many lines', 'a.json', '{\n  "a": 1\n}\n', 'json_document'],
    ['half an object', 'a.json', '{"a":1', 'json_document'],
    ['lines of numbers', 'a.ndjson', '1\n2\n', 'json_document'],
    ['CSV', 'a.ndjson', 'a,b\n1,2\n', 'json_document'],
    ['an object and more on its line', 'a.ndjson', '{"a":1} {"a":2}\n', 'json_document'],
    ['no Parquet', 'a.parquet', 'a,b\n1,2\n3,4\n', 'not_parquet'],
    ['too little', 'a.parquet', 'PAR1', 'not_parquet'],
    ['Parquet without its end', 'a.parquet', parquetFile(100, 50).subarray(0, -1), 'not_parquet'],
    ['Parquet without its beginning', 'a.parquet', parquetFile(100, 50).subarray(1), 'not_parquet'],
  ])('is not %s (%s)', async (_, name, bytes, reason) => {
    const check = assertTable(memorySource(Buffer.from(bytes)), tableKind(name), signal);
    await expect(check).rejects.toMatchObject({ name: 'NotATable', reason });
  });
});
