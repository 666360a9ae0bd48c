import type { JobReport } from '../jobs/transfer_job.ts';
import { progressWords } from './progress_words.ts';

/** At most four notifications a second. */
const MIN_INTERVAL_MS = 250;
/** Looked at twice in ten seconds, so that no pause between two notifications is longer than that. */
export const HEARTBEAT_MS = 5_000;
/** The protocol wants every value above the last; this is how one rises while no byte moves. */
const RISE = 0.01;

export interface ProgressNotification {
  readonly progress: number;
  readonly total?: number;
  readonly message: string;
}

/** Tells how far a transfer is: not too often, not too seldom, always rising, never above its total. */
export interface ProgressNotifier {
  /** After a step of the transfer. */
  step(report: () => JobReport): void;
  /** After each {@link HEARTBEAT_MS} without a step. */
  beat(report: JobReport): void;
  /** After its good end. */
  end(report: JobReport): void;
}

export function progressNotifier(
  notify: (notification: ProgressNotification) => void,
  now: () => number,
): ProgressNotifier {
  let last = -1;
  let sentAt = Number.NEGATIVE_INFINITY;

  /** Any time at all has passed where the clock was put back meanwhile. */
  function isPast(ms: number): boolean {
    const since = now() - sentAt;
    return since < 0 || since >= ms;
  }

  function send(progress: number, report: JobReport): void {
    if (progress <= last) return;
    last = progress;
    sentAt = now();
    const total = knownTotal(report);
    notify({
      progress,
      ...(total === undefined ? {} : { total }),
      message: progressWords(report),
    });
  }

  /** The bytes done; or a little more than the last value, where they are no more than that. */
  function next(report: JobReport): number {
    const total = knownTotal(report);
    // The whole is told at the end alone: room to rise is kept until then.
    const most = total === undefined ? report.bytesDone : total - Math.max(1, total * 1e-9);
    const done = Math.min(report.bytesDone, most);
    if (done > last || last < 0) return Math.max(0, done);
    return last + (total === undefined ? RISE : Math.min(RISE, (total - last) / 1000));
  }

  return {
    step(report) {
      if (!isPast(MIN_INTERVAL_MS)) return;
      const current = report();
      send(next(current), current);
    },
    beat(report) {
      if (isPast(HEARTBEAT_MS)) send(next(report), report);
    },
    end(report) {
      send(knownTotal(report) ?? report.bytesDone, report);
    },
  };
}

/** Nothing rises towards a total of nothing. */
function knownTotal({ bytesTotal }: JobReport): number | undefined {
  return bytesTotal === 0 ? undefined : bytesTotal;
}
