import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JobReport } from '../../../src/jobs/transfer_job.ts';
import {
  HEARTBEAT_MS,
  type ProgressNotification,
  progressNotifier,
} from '../../../src/tools/progress_notifier.ts';

/** At a time in milliseconds: a step of the transfer, a beat of the heart, or the good end. */
interface Event {
  readonly at: number;
  readonly is: 'step' | 'beat' | 'end';
  readonly report: JobReport;
}

function notified(events: readonly Event[]): ProgressNotification[] {
  let now = 0;
  const sent: ProgressNotification[] = [];
  const notifier = progressNotifier(
    (it) => sent.push(it),
    () => now,
  );
  for (const { at, is, report } of events) {
    now = at;
    if (is === 'step') notifier.step(() => report);
    else notifier[is](report);
  }
  return sent;
}

function reportOf(bytesDone: number, bytesTotal?: number): JobReport {
  return {
    id: 't',
    kind: 'upload',
    what: 'a.tif',
    state: 'running',
    message: 'Up',
    bytesDone,
    bytesTotal,
    bytesPerSecond: undefined,
    etaSeconds: undefined,
    startedAt: 0,
    endedAt: undefined,
  };
}

const HOUR = 60 * 60 * 1000;

const on =
  (is: Event['is']) =>
  (at: number, done: number, total?: number): Event => ({ at, is, report: reportOf(done, total) });
const step = on('step');
const beat = on('beat');
const end = on('end');
const figures = (sent: readonly ProgressNotification[]) => sent.map(({ progress }) => progress);

describe('progress notifications', () => {
  it('go out at most four times a second', () => {
    const steps = Array.from({ length: 1000 }, (_, ms) => step(ms, ms + 1, 5000));
    expect(figures(notified(steps))).toEqual([1, 251, 501, 751]);
  });

  it('tell the first step at once, and the end whenever it comes', () => {
    expect(notified([step(0, 1, 1000), step(1, 2, 1000), end(2, 1000, 1000)])).toEqual([
      { progress: 1, total: 1000, message: 'Up: 1 B of 1.0 kB' },
      { progress: 1000, total: 1000, message: 'Up: 1.0 kB of 1.0 kB' },
    ]);
  });

  it('tell the whole at the end alone, however long the last byte is past', () => {
    const sent = figures(notified([step(0, 9, 9), beat(HEARTBEAT_MS, 9, 9), end(6_000, 9, 9)]));
    expect(sent).toEqual([8, expect.closeTo(8, 1), 9]);
  });

  it('tell of what has no bytes', () => {
    expect(figures(notified([end(0, 0, 0)]))).toEqual([0]);
    expect(notified([beat(0, 0, 0), beat(HEARTBEAT_MS, 0, 0)])).toEqual([
      { progress: 0, message: 'Up: 0 B of 0 B' },
      { progress: 0.01, message: 'Up: 0 B of 0 B' },
    ]);
  });

  it('rise also while no byte moves', () => {
    const beats = [0, 1, 2].map((count) => beat(count * HEARTBEAT_MS, 0));
    const sent = notified([...beats, step(3 * HEARTBEAT_MS, 1, 20)]);
    expect(figures(sent)).toEqual([0, 0.01, 0.02, 1]);
  });

  it('come at least every ten seconds, and no oftener while steps are told', () => {
    const beats = Array.from({ length: 12 }, (_, count) => beat(count * HEARTBEAT_MS, 0));
    expect(notified(beats)).toHaveLength(12);
    expect(2 * HEARTBEAT_MS).toBeLessThanOrEqual(10_000);
    expect(figures(notified([step(0, 1), beat(100, 1), beat(4_999, 1)]))).toEqual([1]);
  });

  it('go on when the clock is put back', () => {
    const sent = notified([step(HOUR, 1), step(0, 2), step(300, 3), beat(HEARTBEAT_MS, 3)]);
    expect(figures(sent)).toEqual([1, 2, 3]);
    expect(figures(notified([beat(HOUR, 1), beat(0, 1)]))).toEqual([1, 1.01]);
  });

  it('say no total where there is none', () => {
    expect(notified([step(0, 0), step(300, 2000)])).toEqual([
      { progress: 0, message: 'Up' },
      { progress: 2000, message: 'Up: 2.0 kB' },
    ]);
  });

  it('always rise, stay below the total and end with it, whatever the pace and the size', () => {
    const event = fc.record({
      is: fc.constantFrom('step' as const, 'beat' as const),
      pause: fc.nat(12_000),
      more: fc.oneof(fc.nat(3), fc.nat(1e12)),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const total = events.reduce((sum, { more }) => sum + more, 1);
        let [at, done] = [0, 0];
        const told = events.map(({ is, pause, more }) => {
          at += pause;
          done += more;
          return on(is)(at, done, total);
        });
        const sent = figures(notified([...told, end(at, total, total)]));
        expect(sent).toEqual([...new Set(sent)].sort((a, b) => a - b));
        expect(sent.at(-1)).toBe(total);
      }),
    );
  });
});
