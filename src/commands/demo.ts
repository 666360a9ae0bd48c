import { constants } from 'node:os';
import type { Config } from '../config.ts';
import { runMainJob } from '../demo/main_job.ts';
import { END_SIGNALS } from '../transports/end_signals.ts';

class Interruption extends Error {
  /** As shells count it: 130 for SIGINT, 143 for SIGTERM. */
  readonly exitCode: number;

  constructor(signal: (typeof END_SIGNALS)[number]) {
    super(`The demo was ended by ${signal}.`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/**
 * `geopera-mcp demo`: the main job from end to end, through a real client. Throws if a step fails
 * or the bytes differ; a signal ends the process, when all but the user's own files is cleaned up.
 */
export async function runDemo({ file, json }: Config): Promise<void> {
  const tell = (outcome: object) => {
    if (json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  };
  const end = new AbortController();
  // The listeners stay: a second signal must not cut the clean-up short.
  for (const name of END_SIGNALS) process.on(name, () => end.abort(new Interruption(name)));
  // A reader that left ends the demo like a signal: there is nobody to show it to.
  process.stdout.on('error', (error) => end.abort(error));
  try {
    const report = await runMainJob({ file, out: process.stdout, signal: end.signal });
    tell(report);
    if (report.ok) return;
  } catch (error) {
    // Once a signal has come, whatever fails does so because of it.
    const reason: unknown = end.signal.aborted ? end.signal.reason : error;
    tell({ ok: false, error: reason instanceof Error ? reason.message : String(reason) });
    if (!(reason instanceof Interruption)) throw reason;
    process.stderr.write(`${reason.message}\n`);
    process.exit(reason.exitCode);
  }
  throw new Error('What was downloaded differs from what was uploaded.');
}
