import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Row, TableUnreadable } from '../../../../src/sandbox/opteryx/tables/cells.ts';
import { CsvReader } from '../../../../src/sandbox/opteryx/tables/csv_reader.ts';
import { NdjsonReader } from '../../../../src/sandbox/opteryx/tables/ndjson_reader.ts';

/** The rows of a text that comes cut at these places. */
function read(reader: CsvReader | NdjsonReader, text: string, cuts: readonly number[] = []): Row[] {
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].sort(
    (a, b) => a - b,
  );
  const pieces = places.slice(1).map((end, index) => text.slice(places[index], end));
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
}

const csv = (text: string, cuts?: readonly number[]) => read(new CsvReader(), text, cuts);
const ndjson = (text: string, cuts?: readonly number[]) => read(new NdjsonReader(), text, cuts);

describe('the reader of CSV', () => {
  it.each<[string, Row[]]>([
    ['a\n', []],
    ['a', []],
    ['a\n1', [{ a: '1' }]],
    ['a,b\r\n1,2\r\n', [{ a: '1', b: '2' }]],
    ['a,b\n,\n', [{ a: '', b: '' }]],
    ['a\n\n1\n\n', [{ a: '1' }]],
    ['a\n""\n', [{ a: '' }]],
    ['a\n"x""y"\n', [{ a: 'x"y' }]],
    ['a\n"x\r\ny"\r\n', [{ a: 'x\r\ny' }]],
    ['a,b\n"1,2","3"\n', [{ a: '1,2', b: '3' }]],
    ['a\nx"y\n', [{ a: 'x"y' }]],
    ['"a,b"\n1\n', [{ 'a,b': '1' }]],
  ])('reads %j', (text, rows) => {
    expect(csv(text)).toEqual(rows);
  });

  it.each(['', '\n', 'a,a\n', 'a,\n1,2', 'a\n"1', 'a\n"1"2\n', 'a\n1,2\n', 'a,b\n1\n'])(
    'refuses %j',
    (text) => {
      expect(() => csv(text)).toThrow(TableUnreadable);
    },
  );

  const cell = fc.string({ unit: fc.constantFrom('a', '1', ',', '"', '\n', '\r', 'é', '😀') });
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

  it('gives back what was quoted, wherever the text is cut', () => {
    const table = fc.array(fc.tuple(cell, cell));
    fc.assert(
      fc.property(table, fc.array(fc.nat()), fc.constantFrom('\n', '\r\n'), (rows, cuts, end) => {
        const lines = [['one', 'two'], ...rows].map((row) => row.map(quoted).join(',') + end);
        const expected = rows.map(([one, two]) => ({ one, two }));
        expect(csv(lines.join(''), cuts)).toEqual(expected);
      }),
    );
  });
});

describe('the reader of NDJSON', () => {
  it.each<[string, Row[]]>([
    ['', []],
    ['{"a":1}', [{ a: 1 }]],
    ['{"a":1}\r\n\n{"a":null,"b":true}\n', [{ a: 1 }, { a: null, b: true }]],
    ['{"a":{"b":[1]}}', [{ a: '{"b":[1]}' }]],
  ])('reads %j', (text, rows) => {
    expect(ndjson(text)).toEqual(rows);
  });

  it.each(['{', '[1]', '1', 'null', '{"a":1}{"a":2}'])('refuses %j', (text) => {
    expect(() => ndjson(text)).toThrow(TableUnreadable);
  });

  it('gives back what was written, wherever the text is cut', () => {
    const cells = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const rows = fc.array(fc.record({ a: cells, b: cells }));
    fc.assert(
      fc.property(rows, fc.array(fc.nat()), (written, cuts) => {
        const text = written.map((row) => `${JSON.stringify(row)}\n`).join('');
        expect(ndjson(text, cuts)).toEqual(written.map((row) => ({ ...row })));
      }),
    );
  });
});
