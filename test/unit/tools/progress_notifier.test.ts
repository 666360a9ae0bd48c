import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ProgressNotification,
  progressNotifier,
} from '../../../src/tools/progress_notifier.ts';
import type { Progress } from '../../../src/workflows/context.ts';

/** Tells the progress at its times, in milliseconds, and keeps what went out. */
function notified(steps: readonly (Progress & { readonly at: number })[]): ProgressNotification[] {
  let now = 0;
  const sent: ProgressNotification[] = [];
  const tell = progressNotifier(
    (it) => sent.push(it),
    () => now,
  );
  for (const { at, ...progress } of steps) {
    now = at;
    tell(progress);
  }
  return sent;
}

const at = (ms: number, done: number, total?: number) => ({ at: ms, done, total, message: 'Up' });
const figures = (sent: readonly ProgressNotification[]) => sent.map(({ progress }) => progress);

describe('progress notifications', () => {
  it('go out at most four times a second', () => {
    const steps = Array.from({ length: 1000 }, (_, ms) => at(ms, ms + 1, 5000));
    expect(figures(notified(steps))).toEqual([1, 251, 501, 751]);
  });

  it('tell the first step at once, and the last whenever it comes', () => {
    expect(notified([at(0, 1, 1000), at(1, 2, 1000), at(2, 1000, 1000)])).toEqual([
      { progress: 1, total: 1000, message: 'Up: 1 B of 1.0 kB' },
      { progress: 1000, total: 1000, message: 'Up: 1.0 kB of 1.0 kB' },
    ]);
  });

  it('tell the end once', () => {
    const sent = notified([at(0, 5, 9), at(300, 9, 9), at(600, 9, 9), at(900, 9, 9)]);
    expect(figures(sent)).toEqual([5, 9]);
  });

  it('tell the end of what has no bytes', () => {
    expect(figures(notified([at(0, 0, 0)]))).toEqual([0]);
  });

  it('rise also while no byte moves', () => {
    const sent = notified([at(0, 0), at(1000, 0), at(2000, 0), at(3000, 1, 2)]);
    expect(figures(sent)).toEqual([0, 0.001, 0.002, 1]);
  });

  it('say no total where there is none', () => {
    expect(notified([at(0, 0), at(300, 2000)])).toEqual([
      { progress: 0, message: 'Up' },
      { progress: 2000, message: 'Up: 2.0 kB' },
    ]);
  });

  it('always rise, and end with the whole, whatever the pace', () => {
    const step = fc.record({ pause: fc.nat(600), more: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(400), (steps, pause) => {
        let [ms, done] = [0, 0];
        const told = steps.map(({ pause, more }) => {
          ms += pause;
          done += more;
          return { pause: ms, done };
        });
        const total = done + 1;
        const last = at(ms + pause, total, total);
        const sent = figures(notified([...told.map((it) => at(it.pause, it.done, total)), last]));
        expect(sent).toEqual([...new Set(sent)].sort((a, b) => a - b));
        expect(sent.at(-1)).toBe(total);
      }),
    );
  });
});
