import { describe, expect, it } from 'vitest';
import { StreamCount } from '../../../src/transfer/downloads/stream_count.ts';

const GIB = 1024 ** 3;
const LEAST_BYTES = 32 * 1024 ** 2;
const TICK_MS = 50;

interface Line {
  /** Bytes a millisecond that so many streams bring. */
  readonly rate: (streams: number) => number;
  readonly busy?: number;
  readonly roundTripMs?: number;
  readonly total?: number;
}

/** How many streams a download of a line has over time, one entry for each change. */
function counts({ rate, busy = 0.2, roundTripMs = 1, total = 100 * GIB }: Line): number[] {
  const count = new StreamCount(roundTripMs, LEAST_BYTES);
  const seen: number[] = [1];
  let [bytes, streams] = [0, 1];
  for (let now = 0; now < 20_000 && bytes < total && !count.settled; now += TICK_MS) {
    streams = count.next({ now, bytes, delivering: streams, busy, remaining: total - bytes });
    if (streams !== seen.at(-1)) seen.push(streams);
    bytes += rate(streams) * TICK_MS;
  }
  return seen;
}

describe('the number of streams', () => {
  it.each<[string, Line, number[]]>([
    ['each connection gets its share: all of them', { rate: (n) => n * 20_000 }, [1, 4, 8]],
    ['the line is full with one: one', { rate: () => 12_000 }, [1, 4, 1]],
    ['the line is full with four: four', { rate: (n) => Math.min(n, 4) * 5_000 }, [1, 4, 8, 4]],
    ['this thread is what is full: one', { rate: () => 1_000_000, busy: 0.9 }, [1]],
    ['little is left: one', { rate: (n) => n * 100, total: 30 * 1024 ** 2 }, [1]],
    ['nothing comes yet: all, since any may be the one', { rate: () => 0 }, [1, 4, 8]],
  ])('where %s', (_where, line, expected) => {
    expect(counts(line)).toEqual(expected);
  });

  it('is not judged before all streams deliver', () => {
    const count = new StreamCount(1, LEAST_BYTES);
    for (let now = 0; now < 10_000; now += TICK_MS) {
      expect(count.next({ now, bytes: now, delivering: 0, busy: 0, remaining: GIB })).toBe(1);
    }
    expect(count.settled).toBe(false);
  });

  it('is measured over several round trips where the way is long', () => {
    const first = (roundTripMs: number) => {
      const count = new StreamCount(roundTripMs, LEAST_BYTES);
      let now = 0;
      const sample = () => ({ now, bytes: now * 1_000, delivering: 1, busy: 0, remaining: GIB });
      while (count.next(sample()) === 1) now += 10;
      return now;
    };
    expect(first(500)).toBeGreaterThan(4 * first(1));
  });

  it('stays at what is left once a stream was lost', () => {
    const count = new StreamCount(1, LEAST_BYTES);
    count.lost(3);
    expect(count.settled).toBe(true);
    expect(count.next({ now: 9e9, bytes: 1, delivering: 3, busy: 0, remaining: GIB })).toBe(3);
  });
});
