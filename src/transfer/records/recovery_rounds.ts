import { readdir } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { errnoOf } from '../failures/disk_problem.ts';
import type { SettledRecord } from './left_records.ts';
import type { RecordLog } from './record_log.ts';

/** The client's first questions come first. */
const FIRST_AFTER_MS = 1_000;
/** Other servers may be killed while this one lives, and what it could not release itself is left too. */
const EVERY_MS = 60_000;
/** While the API is down, ever longer. */
const LONGEST_MS = 16 * EVERY_MS;

/** Only of what is `held` the record stays; `again` says whether the same may succeed soon. */
export interface RoundOutcome {
  readonly state: string;
  readonly again?: boolean;
}

export interface RoundsOptions<R extends object> {
  readonly folder: string;
  /** Settles what is left; `skips` names what this server need not try again. */
  sweep(
    skips: (record: R) => boolean,
    signal: AbortSignal,
  ): Promise<readonly SettledRecord<R, RoundOutcome>[]>;
  /** Tells one record from another. */
  keyOf(record: R): string;
  /** What the records are of, in words and in the plural. */
  readonly what: string;
  readonly clock: Clock;
  readonly log: RecordLog;
}

export interface RecoveryRounds {
  /** Resolves once what is at hand, if anything, is finished. */
  stop(): Promise<void>;
}

/** Looks for what was left behind, at once and then from time to time, until it is stopped. */
export function startRounds<R extends object>(options: RoundsOptions<R>): RecoveryRounds {
  const stopped = new AbortController();
  const ended = goRound(options, stopped.signal);
  return {
    async stop() {
      stopped.abort();
      await ended;
    },
  };
}

async function goRound<R extends object>(
  { folder, sweep, keyOf, what, clock, log }: RoundsOptions<R>,
  signal: AbortSignal,
) {
  const refused = new Set<string>();
  let waitMs = FIRST_AFTER_MS;
  for (;;) {
    const before = clock.now();
    if (!(await waited(clock, waitMs, signal))) return;
    if (clock.now() - before > waitMs + EVERY_MS / 2) {
      // This machine slept, or its clock was put forward: owners are silent only by the clock, and
      // are given the time to say that they live.
      waitMs = EVERY_MS;
      continue;
    }
    let again = false;
    try {
      // Nearly always there is nothing, and then nothing is loaded.
      const found = (await hasRecords(folder))
        ? await sweep((record) => refused.has(keyOf(record)), signal)
        : [];
      for (const { record, outcome } of found) {
        if (outcome.state !== 'held') continue;
        if (outcome.again === true) again = true;
        else refused.add(keyOf(record));
      }
    } catch (failure) {
      log.warn({ folder, failure: String(failure) }, `could not look for ${what} left open`);
    }
    waitMs = again ? Math.min(LONGEST_MS, Math.max(waitMs, EVERY_MS / 2) * 2) : EVERY_MS;
  }
}

/** False if it was stopped instead. */
async function waited(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.wait(ms, signal);
    return true;
  } catch (failure) {
    if (signal.aborted) return false;
    throw failure;
  }
}

async function hasRecords(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).some((name) => /\.json(\.new)?$/.test(name));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
