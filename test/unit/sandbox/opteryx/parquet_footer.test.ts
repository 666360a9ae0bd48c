import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readParquetFooter } from '../../../../src/sandbox/opteryx/tables/parquet_footer.ts';

// Thrift's compact form by hand: a field is (step << 4 | type), numbers are zigzag, 0 ends a struct.
const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;
const zigzag = (value: number) => value * 2;
const text = (word: string) => [word.length, ...Buffer.from(word)];

function column(name: string, type: number, converted?: number): number[] {
  const start = [(1 << 4) | I32, zigzag(type), (3 << 4) | BINARY, ...text(name)];
  return [...start, ...(converted === undefined ? [] : [(2 << 4) | I32, zigzag(converted)]), 0];
}

function group(name: string, children: number): number[] {
  return [(4 << 4) | BINARY, ...text(name), (1 << 4) | I32, zigzag(children), 0];
}

function footer(rows: number, ...elements: number[][]): Buffer {
  return Buffer.from([
    (1 << 4) | I32,
    zigzag(2),
    (1 << 4) | LIST,
    (elements.length << 4) | STRUCT,
    ...elements.flat(),
    (1 << 4) | I64,
    zigzag(rows),
    0,
  ]);
}

describe('the footer of a parquet file', () => {
  it('tells rows and columns', () => {
    const facts = readParquetFooter(
      footer(
        42,
        group('schema', 5),
        column('id', 2),
        column('name', 6, 0),
        column('day', 1, 6),
        group('nested', 2),
        column('inner', 5),
        column('other', 5),
        column('score', 5),
      ),
    );
    expect(facts?.rows).toBe(42);
    expect([...(facts?.columns ?? [])]).toEqual([
      ['id', 'INT64'],
      ['name', 'VARCHAR'],
      ['day', 'DATE'],
      ['nested', 'VARCHAR'],
      ['score', 'FLOAT64'],
    ]);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['an empty struct', Buffer.from([0])],
    ['columns that are none', footer(1, group('schema', 0))],
    ['a footer cut off', footer(1, group('schema', 1), column('id', 2)).subarray(0, -1)],
    ['a struct within itself', Buffer.alloc(10_000, (1 << 4) | STRUCT)],
    ['a list longer than the bytes', Buffer.from([(2 << 4) | LIST, 0xfc, 0xff, 0xff, 0xff, 0x0f])],
  ])('is none of %s', (_, bytes) => {
    expect(readParquetFooter(bytes)).toBeUndefined();
  });

  it('is read or left alone, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const facts = readParquetFooter(Buffer.from(bytes));
        expect(facts === undefined || facts.columns.size > 0).toBe(true);
      }),
    );
  });
});
