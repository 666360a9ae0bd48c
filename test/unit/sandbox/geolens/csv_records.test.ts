import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvRecords } from '../../../../src/sandbox/geolens/csv_records.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function read(text: string, size: number): Promise<string[][]> {
  const records: string[][] = [];
  for await (const record of csvRecords(inPieces(text, size))) records.push(record);
  return records;
}

const quote = (value: string) => `"${value.replaceAll('"', '""')}"`;
const value = fc.stringMatching(/^[a-z",\r\n ]{0,6}$/);
// A line with nothing on it is no record.
const records = fc
  .array(fc.array(value, { minLength: 1, maxLength: 3 }), { maxLength: 5 })
  .filter((rows) => rows.every((row) => row.length > 1 || row[0] !== ''));

describe('records of comma-separated text', () => {
  it('are read wherever the pieces end', async () => {
    const lineEnds = fc.constantFrom('\n', '\r\n');
    const sizes = fc.integer({ min: 1, max: 9 });
    await fc.assert(
      fc.asyncProperty(records, lineEnds, sizes, async (rows, lineEnd, size) => {
        const text = rows.map((row) => row.map(quote).join(',') + lineEnd).join('');
        expect(await read(text, size)).toEqual(rows);
      }),
    );
  });

  it.each([
    [
      'without a last line end',
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'with an empty last value',
      'a,b\n1,',
      [
        ['a', 'b'],
        ['1', ''],
      ],
    ],
    ['with empty lines', 'a\n\n\r\nb\n', [['a'], ['b']]],
    ['with a quote inside', 'a"b,c\n', [['a"b', 'c']]],
    ['that is none', '', []],
  ])('are read from text %s', async (_what, text, rows) => {
    expect(await read(text, 100)).toEqual(rows);
  });
});
