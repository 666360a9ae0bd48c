import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeStatistics } from '../../../src/sandbox/raster_statistics.ts';

describe('computeStatistics', () => {
  it('leaves nodata and non-numbers out', () => {
    const values = new Float32Array([1, 2, 3, -9999, Number.NaN, Number.POSITIVE_INFINITY]);
    const statistics = computeStatistics(values, -9999);
    expect(statistics).toMatchObject({ minimum: 1, maximum: 3, mean: 2, valid_percent: 50 });
    expect(statistics.stddev).toBeCloseTo(Math.sqrt(2 / 3), 12);
  });

  it('of nothing valid is zero', () => {
    expect(computeStatistics(new Uint8Array([0, 0]), 0)).toEqual({
      minimum: 0,
      maximum: 0,
      mean: 0,
      stddev: 0,
      valid_percent: 0,
    });
  });

  it('agrees with the two-pass formula', () => {
    fc.assert(
      fc.property(fc.int16Array({ minLength: 1 }), (values) => {
        const { mean, stddev, minimum, maximum } = computeStatistics(values, undefined);
        const plain = Array.from(values);
        const average = plain.reduce((sum, value) => sum + value, 0) / plain.length;
        const variance =
          plain.reduce((sum, value) => sum + (value - average) ** 2, 0) / plain.length;
        expect(mean).toBeCloseTo(average, 6);
        expect(stddev).toBeCloseTo(Math.sqrt(variance), 6);
        expect([minimum, maximum]).toEqual([Math.min(...plain), Math.max(...plain)]);
      }),
    );
  });
});
