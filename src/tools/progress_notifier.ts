import type { Progress } from '../workflows/context.ts';
import { inBytes } from './byte_words.ts';

/** At most four notifications a second. */
const MIN_INTERVAL_MS = 250;
/** The protocol wants every value above the last; this is how one rises while no byte moves. */
const HEARTBEAT = 0.001;

export interface ProgressNotification {
  readonly progress: number;
  readonly total?: number;
  readonly message: string;
}

/** Turns the progress of an act into notifications: fewer, always rising, and the last one told. */
export function progressNotifier(
  notify: (notification: ProgressNotification) => void,
  now: () => number,
): (progress: Progress) => void {
  let last = -1;
  let sentAt = Number.NEGATIVE_INFINITY;
  return ({ done, total, message }) => {
    const finished = done === total;
    if (now() - sentAt < MIN_INTERVAL_MS && !finished) return;
    if (finished && last >= done) return;
    sentAt = now();
    last = done > last ? done : last + HEARTBEAT;
    notify({
      progress: last,
      ...(total === undefined ? {} : { total }),
      message: words(message, done, total),
    });
  };
}

function words(message: string, done: number, total: number | undefined): string {
  if (total !== undefined) return `${message}: ${inBytes(done)} of ${inBytes(total)}`;
  return done > 0 ? `${message}: ${inBytes(done)}` : message;
}
