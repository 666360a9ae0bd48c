import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../../../src/sandbox/opteryx/tables/cells.ts';
import {
  digestOfRows,
  digestText,
  joined,
  NO_ROWS,
  withRow,
} from '../../../../src/sandbox/opteryx/tables/rows_digest.ts';

const rows = fc.array(fc.record({ a: fc.integer(), b: fc.string() }));
const digest = (of: readonly Row[]) => of.reduce(withRow, NO_ROWS);

describe('the digest of rows', () => {
  it('is the same whatever pieces they come in', () => {
    fc.assert(
      fc.property(rows, rows, rows, (one, two, three) => {
        const whole = digestOfRows([...one, ...two, ...three]);
        const left = joined(joined(digest(one), digest(two)), digest(three));
        const right = joined(digest(one), joined(digest(two), digest(three)));
        expect([digestText(left), digestText(right)]).toEqual([whole, whole]);
      }),
    );
  });

  it.each<[string, Row[], Row[]]>([
    ['their order', [{ a: 1 }, { a: 2 }], [{ a: 2 }, { a: 1 }]],
    ['their number', [{ a: 1 }], [{ a: 1 }, { a: 1 }]],
    ['their types', [{ a: 1 }], [{ a: '1' }]],
    ['their names', [{ a: 1 }], [{ b: 1 }]],
    ['whether there are any', [], [{}]],
  ])('tells %s', (_, one, other) => {
    expect(digestOfRows(one)).not.toBe(digestOfRows(other));
  });
});
