import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Bounds,
  boundsOf,
  polygonAround,
  readBounds,
  touch,
} from '../../../src/sandbox/bounding_box.ts';

const degrees = (most: number) =>
  fc.integer({ min: -most * 10, max: most * 10 }).map((n) => n / 10);
const box = fc
  .tuple(degrees(180), degrees(90), degrees(180), degrees(90))
  .map(([a, b, c, d]): Bounds => [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)]);

describe('a box', () => {
  it('is that of the polygon around it', () => {
    fc.assert(
      fc.property(box, (bounds) => {
        expect(boundsOf(polygonAround(bounds))).toEqual(bounds);
      }),
    );
  });

  it('touches another exactly if a corner of their overlap is in both', () => {
    fc.assert(
      fc.property(box, box, (one, other) => {
        const lon = Math.max(one[0], other[0]);
        const lat = Math.max(one[1], other[1]);
        const inside = (bounds: Bounds) => lon <= bounds[2] && lat <= bounds[3];
        expect(touch(one, other)).toBe(inside(one) && inside(other));
      }),
    );
  });

  it('of six numbers passes over heights', () => {
    expect(readBounds([1, 2, -5, 3, 4, 100])).toEqual([1, 2, 3, 4]);
  });

  it.each([[[]], [[1, 2, 3]], [[1, 2, 3, 4, 5]], [[3, 0, 1, 1]], [[0, Number.NaN, 1, 1]]])(
    'is not %j',
    (bbox) => {
      expect(() => readBounds(bbox)).toThrow('bbox');
    },
  );

  it.each([
    [{ type: 'Point', coordinates: [5, 6] }, [5, 6, 5, 6]],
    [
      {
        type: 'MultiPoint',
        coordinates: [
          [1, 9, 100],
          [4, 2, 0],
        ],
      },
      [1, 2, 4, 9],
    ],
  ])('is around %j', (geometry, bounds) => {
    expect(boundsOf(geometry)).toEqual(bounds);
  });

  it.each([[null], [{}], [{ coordinates: [] }], [{ coordinates: ['1', '2'] }]])(
    'is around no place in %j',
    (geometry) => {
      expect(() => boundsOf(geometry)).toThrow('coordinates');
    },
  );

  it('is around more places than fit a call', () => {
    const ring = Array.from({ length: 300_000 }, (_, index) => [index % 180, 0]);
    expect(boundsOf({ type: 'LineString', coordinates: ring })).toEqual([0, 0, 179, 0]);
  });
});
