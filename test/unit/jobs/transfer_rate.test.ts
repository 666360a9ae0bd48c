import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransferRate } from '../../../src/jobs/transfer_rate.ts';

/** A rate after so many seconds, ten measurements each, at so many bytes a second. */
function steady(seconds: number, bytesPerSecond: number, rate = new TransferRate(), from = 0) {
  for (let tick = 0; tick <= seconds * 10; tick += 1) {
    rate.measure(from * bytesPerSecond + (tick * bytesPerSecond) / 10, (from * 10 + tick) * 100);
  }
  return rate;
}

describe('the pace of a transfer', () => {
  it('is not known before there are two measurements', () => {
    const rate = new TransferRate();
    expect(rate.bytesPerSecond(0)).toBeUndefined();
    rate.measure(1_000, 0);
    expect(rate.bytesPerSecond(100)).toBeUndefined();
  });

  it('is right from the first second on, whatever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 60 }), (pace, s) => {
        expect(steady(s, pace).bytesPerSecond(s * 1000)).toBeCloseTo(pace, 0);
      }),
    );
  });

  it('does not count what was there from an earlier run', () => {
    const rate = new TransferRate();
    rate.measure(30e9, 0);
    rate.measure(30e9 + 1_000_000, 1_000);
    expect(rate.bytesPerSecond(1_000)).toBeCloseTo(1_000_000, 0);
  });

  it('takes a burst for one measurement', () => {
    const rate = new TransferRate();
    for (let chunk = 0; chunk <= 100; chunk += 1) rate.measure(chunk * 1_000, chunk / 1_000);
    expect(rate.bytesPerSecond(1)).toBeUndefined();
    rate.measure(100_000, 1_000);
    expect(rate.bytesPerSecond(1_000)).toBeCloseTo(100_000, 0);
  });

  it('follows a change within some five seconds', () => {
    const rate = steady(20, 1_000_000);
    for (let s = 1; s <= 5; s += 1) rate.measure(20e6 + s * 2_000_000, 20_000 + s * 1_000);
    expect(rate.bytesPerSecond(25_000)).toBeGreaterThan(1_600_000);
    expect(rate.bytesPerSecond(25_000)).toBeLessThan(1_700_000);
  });

  it('goes on to be measured when the clock is put back', () => {
    const rate = steady(20, 1_000_000, new TransferRate(), 3_600);
    for (let s = 0; s <= 30; s += 1) rate.measure(3_620e6 + s * 10_000_000, s * 1_000);
    expect(rate.bytesPerSecond(30_000)).toBeGreaterThan(9_900_000);
  });

  it('falls while nothing moves', () => {
    const rate = steady(20, 1_000_000);
    const standing = [20_000, 22_000, 25_000, 60_000].map((at) => rate.bytesPerSecond(at) ?? 0);
    expect(standing).toEqual([...standing].sort((a, b) => b - a));
    expect(standing[0]).toBeCloseTo(1_000_000, 0);
    expect(standing[2]).toBeLessThan(400_000);
    expect(standing[3]).toBeLessThan(1_000);
  });
});
