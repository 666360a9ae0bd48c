import { constants } from 'node:os';
import type { Config } from '../config.ts';
import type { JobOptions, JobReport } from '../demo/stage.ts';
import { END_SIGNALS } from '../transports/end_signals.ts';

class Interruption extends Error {
  /** As shells count it: 130 for SIGINT, 143 for SIGTERM. */
  readonly exitCode: number;

  constructor(signal: (typeof END_SIGNALS)[number]) {
    super(`The demo was ended by ${signal}.`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** What there is to show, each loaded when it is asked for. */
interface Job {
  run(options: JobOptions): Promise<JobReport>;
  /** What is wrong if it ran and yet is not ok. */
  readonly differs: string;
}

const JOBS: Readonly<Record<Config['service'], Job>> = {
  geopera: {
    run: async (options) => (await import('../demo/main_job.ts')).runMainJob(options),
    differs: 'What was downloaded differs from what was uploaded.',
  },
  opteryx: {
    run: async (options) => (await import('../demo/opteryx_job.ts')).runOpteryxJob(options),
    differs: 'The rows that arrived differ from the rows that were sent.',
  },
  geolens: {
    run: async (options) => (await import('../demo/geolens_job.ts')).runGeolensJob(options),
    differs: 'What arrived differs from what was sent.',
  },
};

/**
 * `geopera-mcp demo`: a job from end to end, through a real client. Throws if a step fails
 * or the bytes differ; a signal ends the process, when all but the user's own files is cleaned up.
 */
export async function runDemo({ file, json, service }: Config): Promise<void> {
  const tell = (outcome: object) => {
    if (json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  };
  const end = new AbortController();
  // The listeners stay: a second signal must not cut the clean-up short.
  for (const name of END_SIGNALS) process.on(name, () => end.abort(new Interruption(name)));
  // A reader that left ends the demo like a signal: there is nobody to show it to.
  process.stdout.on('error', (error) => end.abort(error));
  try {
    const report = await JOBS[service].run({ file, out: process.stdout, signal: end.signal });
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
  throw new Error(JOBS[service].differs);
}
