import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange } from '../../../src/sandbox/byte_range.ts';

describe('parseRange', () => {
  it.each([
    [undefined, 10, undefined],
    ['', 10, undefined],
    ['items=0-1', 10, undefined],
    ['bytes=-', 10, undefined],
    ['bytes=5-4', 10, undefined],
    ['bytes=0-1,4-5', 10, undefined],
    ['bytes=0-0', 10, { start: 0, end: 0 }],
    ['bytes=3-', 10, { start: 3, end: 9 }],
    ['bytes=3-99', 10, { start: 3, end: 9 }],
    ['bytes=-3', 10, { start: 7, end: 9 }],
    ['bytes=-99', 10, { start: 0, end: 9 }],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=-1', 0, 'unsatisfiable'],
  ])('reads %j of %i bytes as %j', (header, size, expected) => {
    expect(parseRange(header, size)).toEqual(expected);
  });

  it('never leaves the object', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (start, end, size) => {
        const range = parseRange(`bytes=${start}-${end}`, size);
        if (range === undefined || range === 'unsatisfiable') return;
        expect(range.start).toBe(start);
        expect(range.end).toBeLessThan(size);
        expect(range.end).toBeGreaterThanOrEqual(range.start);
      }),
    );
  });
});
