import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/transfer/engine.ts';
import { backoffMs, retryAfterMs } from '../../../src/transfer/failures/backoff.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

describe('the wait before another attempt', () => {
  it.each([
    { failures: 1, random: 0, asked: 0, wait: 50 },
    { failures: 1, random: 0.999, asked: 0, wait: 499.5 },
    { failures: 2, random: 0.5, asked: 0, wait: 500 },
    { failures: 3, random: 0.5, asked: 0, wait: 1000 },
    { failures: 20, random: 0.5, asked: 0, wait: 15_000 },
    { failures: 1, random: 0, asked: 7000, wait: 7000 },
    { failures: 1, random: 0.5, asked: 7000, wait: 7350 },
    { failures: 3, random: 0.5, asked: 10, wait: 1000 },
    { failures: 1, random: 0.5, asked: 3_600_000, wait: 126_000 },
  ])('$failures failures, $random, asked for $asked: $wait ms', (row) => {
    expect(backoffMs(row.failures, row.random, DEFAULT_LIMITS, row.asked)).toBe(row.wait);
  });

  it('is never shorter than storage asked for, within the cap, and never longer than the caps', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        fc.integer({ min: 0, max: 10_000_000 }),
        (failures, random, asked) => {
          const wait = backoffMs(failures, random, DEFAULT_LIMITS, asked);
          expect(wait).toBeGreaterThanOrEqual(Math.min(asked, DEFAULT_LIMITS.retryAfterCapMs));
          expect(wait).toBeGreaterThanOrEqual(50);
          expect(wait).toBeLessThanOrEqual(1.1 * DEFAULT_LIMITS.retryAfterCapMs);
        },
      ),
    );
  });
});

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    [' 12 ', 12_000],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['2026', 2_026_000],
    [undefined, undefined],
  ])('%s: %s', (header, expected) => {
    expect(retryAfterMs(header, NOW)).toBe(expected);
  });
});
