import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outsideRuns, type PixelRings, windowOf } from '../../../src/sandbox/area_of_interest.ts';
import type { Position } from '../../../src/sandbox/projections.ts';

function box(left: number, top: number, right: number, bottom: number): Position[] {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

describe('windowOf', () => {
  it.each<[string, PixelRings, unknown]>([
    ['on the grid', [box(1, 2, 5, 6)], { left: 1, top: 2, right: 5, bottom: 6 }],
    [
      'a hair off the grid',
      [box(0.9999, 2.0001, 5.0001, 5.9999)],
      { left: 1, top: 2, right: 5, bottom: 6 },
    ],
    ['between the lines', [box(1.5, 2.5, 4.5, 5.5)], { left: 1, top: 2, right: 5, bottom: 6 }],
    ['within one pixel', [box(1.2, 1.2, 1.3, 1.3)], { left: 1, top: 1, right: 2, bottom: 2 }],
    ['larger than the raster', [box(-9, -9, 99, 99)], { left: 0, top: 0, right: 10, bottom: 8 }],
    ['to the left', [box(-5, 1, 0, 2)], undefined],
    ['to the right', [box(10, 1, 12, 2)], undefined],
    ['below', [box(1, 8, 2, 9)], undefined],
    ['nowhere', [box(Number.NaN, 1, 2, 2)], undefined],
    ['empty', [], undefined],
  ])('of an area %s', (_where, rings, expected) => {
    expect(windowOf(rings, 10, 8)).toEqual(expected);
  });
});

describe('outsideRuns', () => {
  it('leaves a hole out', () => {
    const rings = [box(1, 0, 9, 4), box(3, 1, 5, 3)];
    expect(outsideRuns(rings, 0, 0, 10)).toEqual([
      [0, 1],
      [9, 10],
    ]);
    expect(outsideRuns(rings, 1, 0, 10)).toEqual([
      [0, 1],
      [3, 5],
      [9, 10],
    ]);
    expect(outsideRuns(rings, 5, 0, 10)).toEqual([[0, 10]]);
  });

  it('agrees with a test of every pixel centre', () => {
    const vertex = fc.tuple(
      fc.double({ min: -5, max: 25, noNaN: true }),
      fc.double({ min: -5, max: 25, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(vertex, { minLength: 3, maxLength: 8 }), fc.nat(19), (ring, row) => {
        const outside = new Set<number>();
        for (const [from, to] of outsideRuns([ring], row, 0, 20)) {
          for (let column = from; column < to; column += 1) outside.add(column);
        }
        for (let column = 0; column < 20; column += 1) {
          expect(outside.has(column)).toBe(!contains(ring, column + 0.5, row + 0.5));
        }
      }),
    );
  });
});

/** Even-odd rule, one point at a time. */
function contains(ring: readonly Position[], x: number, y: number): boolean {
  let inside = false;
  for (const [index, [x2, y2]] of ring.entries()) {
    const [x1, y1] = ring[(index + ring.length - 1) % ring.length] ?? [x2, y2];
    if (y1 > y !== y2 > y && x1 + ((y - y1) / (y2 - y1)) * (x2 - x1) <= x) inside = !inside;
  }
  return inside;
}
