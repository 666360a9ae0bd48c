import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tableKind } from '../../../../src/connectors/opteryx/parts/table_kind.ts';

const TYPES = {
  parquet: 'application/octet-stream',
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
} as const;

describe('the kind of a table', () => {
  it.each<[name: string, format: keyof typeof TYPES, plainName: string, codec?: string]>([
    ['a.parquet', 'parquet', 'a.parquet'],
    ['a.pq', 'parquet', 'a.pq'],
    ['a.csv', 'csv', 'a.csv'],
    ['a.ndjson', 'ndjson', 'a.ndjson'],
    ['a.jsonl', 'ndjson', 'a.jsonl'],
    ['a.json', 'ndjson', 'a.json'],
    ['a.csv.gz', 'csv', 'a.csv', 'gzip'],
    ['a.json.br', 'ndjson', 'a.json', 'br'],
    ['A.CSV.Gz', 'csv', 'A.CSV', 'gzip'],
    ['/tmp/t.csv/b.2024.jsonl.gz', 'ndjson', 'b.2024.jsonl', 'gzip'],
    ['雪 1.PQ', 'parquet', '雪 1.PQ'],
  ])('of %s is %s', (name, format, plainName, codec) => {
    const coded = codec === undefined ? {} : { codec };
    expect(tableKind(name)).toEqual({ format, plainName, contentType: TYPES[format], ...coded });
  });

  it.each([
    ['a.csv.zst', 'codec_unsupported'],
    ['a.ndjson.ZST', 'codec_unsupported'],
    ['a.parquet.gz', 'codec_on_parquet'],
    ['a.parquet.zst', 'codec_on_parquet'],
    ['a.tif', 'unknown_kind'],
    ['a.xlsx', 'unknown_kind'],
    ['a.geojson', 'unknown_kind'],
    ['a.csv.zip', 'unknown_kind'],
    ['a.csv.gz.gz', 'unknown_kind'],
    ['a.gz', 'unknown_kind'],
    ['a.csv.', 'unknown_kind'],
    ['.csv', 'unknown_kind'],
    ['csv', 'unknown_kind'],
    ['', 'unknown_kind'],
  ])('of %j: %s', (name, reason) => {
    expect(() => tableKind(name)).toThrow(expect.objectContaining({ name: 'NotATable', reason }));
  });

  it('is told by the last endings alone, whatever stands before them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string(), (name, folder) => {
        const plainName = `${name.replaceAll('/', '_')}x.csv`;
        const path = `${folder}/${plainName}.gz`;
        expect(tableKind(path)).toMatchObject({ format: 'csv', plainName, codec: 'gzip' });
      }),
    );
  });
});
