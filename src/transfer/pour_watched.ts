import type { TransferEngine } from './engine.ts';
import type { ByteSink } from './get_answer.ts';
import { Watchdog } from './watchdog.ts';

/** A body that can be poured once. */
export interface Pourable {
  pour(sink: ByteSink): Promise<'whole' | 'enough'>;
}

/**
 * Pours a body and calls `onStall` once if nothing comes for the engine's stall window; time in which
 * the sink itself is what is slow does not count. Whoever stalls is to abort the body.
 */
export async function pourWatched(
  body: Pourable,
  sink: ByteSink,
  engine: TransferEngine,
  onStall: (windowMs: number) => void,
): Promise<'whole' | 'enough'> {
  const { downloadStallMs } = engine.limits;
  const watchdog = new Watchdog(engine.clock, downloadStallMs, () => onStall(downloadStallMs));
  try {
    return await body.pour({
      room: () => sink.room(),
      took(bytes) {
        watchdog.touch();
        const pause = sink.took(bytes);
        if (pause === undefined) return;
        watchdog.suspend();
        return pause.finally(() => watchdog.resume());
      },
    });
  } finally {
    watchdog.stop();
  }
}
