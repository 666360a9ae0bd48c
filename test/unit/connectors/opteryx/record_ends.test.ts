import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  firstRecordEnds,
  isBlankLine,
  type RecordEnds,
  recordEndsAfter,
} from '../../../../src/connectors/opteryx/parts/record_ends.ts';

/** All ends in some bytes that arrive piece by piece, as places in the whole. */
function endsOf(ends: RecordEnds, bytes: Buffer, arrivals: readonly number[]): number[] {
  const found: number[] = [];
  let start = 0;
  for (const arrived of [...arrivals, bytes.length]) {
    const seen = bytes.subarray(0, arrived);
    for (;;) {
      const end = ends.next(seen, start);
      if (end === undefined) break;
      found.push(end);
      start = end;
    }
  }
  return found;
}

/** One byte after the other. */
const bytewise = (bytes: Buffer): number[] => [...bytes.keys()];

describe('the ends of records', () => {
  it.each<[what: string, text: string, records: string[]]>([
    ['of lines', 'a,b\n1,2\r\n\n3', ['a,b\n', '1,2\r\n', '\n']],
    ['with newlines in quotes', '"a\n","\r\n"\n"x"\n', ['"a\n","\r\n"\n', '"x"\n']],
    ['with doubled quotes', '"a""\n""",b\n"""\n"\n""\n', ['"a""\n""",b\n', '"""\n"\n', '""\n']],
    ['with text after quotes', '"a\n"b"\n"\n"', ['"a\n"b"\n']],
    ['with quotes inside fields', 'a"b\n5",6"\n', ['a"b\n', '5",6"\n']],
    ['with a byte order mark', '\ufeff"a\n"\n"b\n"\n', ['\ufeff"a\n"\n', '"b\n"\n']],
    [
      'with quotes after other separators',
      'a;"\n"\nb\t"\n"\nc|"\n"\n',
      ['a;"\n"\n', 'b\t"\n"\n', 'c|"\n"\n'],
    ],
    ['that never end', '"a\n\n\n', []],
  ])('%s', (_, text, records) => {
    const bytes = Buffer.from(text);
    const ends = records.map((__, at) => Buffer.byteLength(records.slice(0, at + 1).join('')));
    expect(endsOf(firstRecordEnds('csv'), bytes, [])).toEqual(ends);
    expect(endsOf(firstRecordEnds('csv'), bytes, bytewise(bytes))).toEqual(ends);
  });

  it.each([
    ['csv', 'a,b', '1;"\n2,"\n"\n', [4, 10]],
    ['csv', 'a;b,c;d', '1,"\n2;"\n"\n', [4, 10]],
    ['csv', '"a;b;c",d', '1;"\n2,"\n"\n', [4, 10]],
    ['csv', 'alone', '1;"\n2,"\n"\n', [4, 10]],
  ] as const)('%s after the header %s are told by its separator', (_, header, text, ends) => {
    expect(endsOf(recordEndsAfter(Buffer.from(header)), Buffer.from(text), [])).toEqual(ends);
  });

  it('are the same however the bytes arrive', () => {
    const text = fc
      .array(fc.constantFrom('"', '""', ',', ';', '\n', '\r\n', 'a', 'bc', '雪', '\ufeff'), {
        maxLength: 40,
      })
      .map((pieces) => Buffer.from(pieces.join('')));
    const format = fc.constantFrom('csv', 'ndjson');
    const cuts = fc.array(fc.nat(120), { maxLength: 6 });
    fc.assert(
      fc.property(format, text, cuts, (kind, bytes, places) => {
        const arrivals = places
          .filter((at) => at <= bytes.length)
          .sort((one, other) => one - other);
        const whole = endsOf(firstRecordEnds(kind), bytes, []);
        expect(endsOf(firstRecordEnds(kind), bytes, arrivals)).toEqual(whole);
        expect(endsOf(firstRecordEnds(kind), bytes, bytewise(bytes))).toEqual(whole);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['"a', true],
    ['"a""', true],
    ['1,"', true],
    ['"a"', false],
    ['"a"""', false],
    ['"a"b', false],
    ['a"', false],
  ])('of %s: whether it stops in quotes is %s', (text, stops) => {
    const ends = firstRecordEnds('csv');
    const bytes = Buffer.from(`\n${text}`);
    expect(ends.next(bytes, 1)).toBeUndefined();
    expect(ends.stopsInQuotes(bytes, 1)).toBe(stops);
  });

  it.each([
    ['\n', true],
    ['\r\n', true],
    ['\ufeff\n', true],
    ['\ufeff\r\n', true],
    ['', true],
    ['\ufeff', true],
    [' \n', false],
    ['""\n', false],
    ['0', false],
    ['\r\r\n', false],
    ['雪\n', false],
  ])('%j is blank: %s', (line, isBlank) => {
    const bytes = Buffer.from(`a\n${line}b`);
    expect(isBlankLine(bytes, 2, bytes.length - 1)).toBe(isBlank);
  });
});
