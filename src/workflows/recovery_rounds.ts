import { readdir } from 'node:fs/promises';
import type { Clock } from '../transfer/engine.ts';
import { errnoOf } from '../transfer/failures/disk_problem.ts';
import type { WorkflowLog } from './context.ts';
import type { RecoveredSession } from './recovery.ts';

/** The client's first questions come first. */
const FIRST_AFTER_MS = 1_000;
/** Other servers may be killed while this one lives, and what it could not release itself is left too. */
const EVERY_MS = 60_000;
/** While the API is down, ever longer. */
const LONGEST_MS = 16 * EVERY_MS;

export interface RecoveryRoundsOptions {
  readonly folder: string;
  /** Releases what is left; `skips` names the sessions that this server need not try again. */
  sweep(
    skips: (session: Pick<RecoveredSession['record'], 'idempotencyKey'>) => boolean,
    signal: AbortSignal,
  ): Promise<readonly RecoveredSession[]>;
  readonly clock: Clock;
  readonly log: WorkflowLog;
}

export interface RecoveryRounds {
  /** Resolves once the session at hand, if any, is finished. */
  stop(): Promise<void>;
}

/** Looks for sessions that were left behind, at once and then from time to time, until it is stopped. */
export function startRecoveryRounds(options: RecoveryRoundsOptions): RecoveryRounds {
  const stopped = new AbortController();
  const ended = goRound(options, stopped.signal);
  return {
    async stop() {
      stopped.abort();
      await ended;
    },
  };
}

async function goRound({ folder, sweep, clock, log }: RecoveryRoundsOptions, signal: AbortSignal) {
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
        ? await sweep(({ idempotencyKey }) => refused.has(idempotencyKey), signal)
        : [];
      for (const { record, outcome } of found) {
        if (outcome.state !== 'held') continue;
        if (outcome.again) again = true;
        else refused.add(record.idempotencyKey);
      }
    } catch (failure) {
      log.warn(
        { folder, failure: String(failure) },
        'could not look for upload sessions left open',
      );
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
