import type { TransferEngine } from '../engine.ts';
import { backoffMs } from './backoff.ts';
import {
  type Kept,
  type OpenReason,
  PROGRESS_BYTES,
  RETRY_RULES,
  type RetryRule,
} from './retry_policy.ts';
import { type Outcome, TransferError } from './transfer_error.ts';

export interface Attempt {
  /** From 1. */
  readonly number: number;
  readonly reason: OpenReason;
  /** So many bytes more are there to stay, also if this attempt fails. Call it for new bytes only. */
  progressed(bytes: number): void;
}

/** The failures since the last progress. */
class FailureCount {
  readonly #most: () => number;
  readonly #byOutcome = new Map<Outcome, number>();
  #counted = 0;
  #bytes = 0;

  constructor(most: () => number) {
    this.#most = most;
  }

  /** How many there were that count. */
  get counted(): number {
    return this.#counted;
  }

  progressed(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= PROGRESS_BYTES) {
      this.#bytes = 0;
      this.#counted = 0;
      this.#byOutcome.clear();
    }
  }

  /** @returns what to do about one more of them, or undefined if it was the last */
  add(outcome: Outcome): RetryRule | undefined {
    const rule = RETRY_RULES[outcome];
    const times = (this.#byOutcome.get(outcome) ?? 0) + 1;
    if (times > rule.retries) {
      return rule.afterwards === undefined ? undefined : this.add(rule.afterwards);
    }
    this.#byOutcome.set(outcome, times);
    this.#counted += rule.free === true ? 0 : 1;
    return this.#counted < this.#most() ? rule : undefined;
  }
}

/**
 * Runs an attempt until it succeeds or the policy gives up. Only a {@link TransferError} is tried
 * again; anything else (the caller's own `sign` or `open` failing) ends the act at once.
 *
 * @param kept what the next attempt starts with: nothing, or what the earlier ones got done; asked
 * for after a failure, where it is known only then
 * @throws the last error, its `attempts` counted; or the signal's reason
 */
export async function withRetries<T>(
  engine: TransferEngine,
  signal: AbortSignal,
  run: (attempt: Attempt) => Promise<T>,
  kept: Kept | (() => Kept) = 'nothing',
): Promise<T> {
  const { maxAttempts, maxFailuresWithoutProgress } = engine.limits;
  const keeps = typeof kept === 'string' ? () => kept : kept;
  const failures = new FailureCount(() =>
    keeps() === 'nothing' ? maxAttempts : maxFailuresWithoutProgress,
  );
  const progressed = (bytes: number) => failures.progressed(bytes);
  let reason: OpenReason = 'first';
  for (let number = 1; ; number += 1) {
    signal.throwIfAborted();
    try {
      return await run({ number, reason, progressed });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TransferError)) {
        throw error;
      }
      error.attempts = number;
      const rule = failures.add(error.outcome);
      if (rule === undefined) {
        throw error;
      }
      reason = rule.reason;
      if (rule.pause) {
        await pause(error, failures.counted, engine, signal);
      }
    }
  }
}

async function pause(
  error: TransferError,
  failures: number,
  engine: TransferEngine,
  signal: AbortSignal,
): Promise<void> {
  const { clock, limiter, limits } = engine;
  const wait = backoffMs(failures, engine.random(), limits, error.retryAfterMs);
  if (error.outcome === 'throttled' && error.host !== undefined) {
    limiter.throttled({ host: error.host }, wait);
  }
  await clock.wait(wait, signal);
}
