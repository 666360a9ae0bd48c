import { type LinkedAbort, untilAborted } from '../cancellable.ts';
import type { TransferEngine } from '../engine.ts';
import { stalled } from '../failures/connection_problem.ts';
import type { ByteSink } from '../http/get_answer.ts';
import { Watchdog } from '../watchdog.ts';
import { watchedSink } from './watched_sink.ts';

/** A body that can be poured once. */
export interface Pourable {
  pour(sink: ByteSink): Promise<'whole' | 'enough'>;
  discard(): void;
}

/**
 * Pours a body until the attempt is aborted; aborts it if nothing comes for the engine's stall window.
 * Time in which the sink itself is what is slow does not count. A body that fails is discarded.
 *
 * @param position where the sink is, for the words of a stall
 * @throws what the body threw, or the attempt's reason
 */
export async function pourWatched(
  body: Pourable,
  sink: ByteSink,
  attempt: LinkedAbort,
  { clock, limits }: TransferEngine,
  position: () => number,
): Promise<void> {
  const { downloadStallMs } = limits;
  const watchdog = new Watchdog(clock, downloadStallMs, () =>
    attempt.abort(stalled(downloadStallMs, position())),
  );
  try {
    await untilAborted(body.pour(watchedSink(sink, watchdog)), attempt.signal);
  } catch (error) {
    body.discard();
    throw error;
  } finally {
    watchdog.stop();
  }
}
