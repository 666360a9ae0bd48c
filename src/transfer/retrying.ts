import { backoffMs } from './backoff.ts';
import type { TransferEngine } from './engine.ts';
import { type OpenReason, RETRY_RULES } from './retry_policy.ts';
import { type Outcome, TransferError } from './transfer_error.ts';

export interface Attempt {
  /** From 1. */
  readonly number: number;
  readonly reason: OpenReason;
}

/**
 * Runs an attempt until it succeeds or the policy gives up. Only a {@link TransferError} is tried
 * again; anything else (the caller's own `sign` or `open` failing) ends the act at once.
 *
 * @throws the last error, its `attempts` counted; or the signal's reason
 */
export async function withRetries<T>(
  engine: TransferEngine,
  signal: AbortSignal,
  run: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  const used = new Map<Outcome, number>();
  let reason: OpenReason = 'first';
  for (let number = 1; ; number += 1) {
    signal.throwIfAborted();
    try {
      return await run({ number, reason });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TransferError)) {
        throw error;
      }
      error.attempts = number;
      const rule = RETRY_RULES[error.outcome];
      const times = (used.get(error.outcome) ?? 0) + 1;
      if (times > rule.retries || number >= engine.limits.maxAttempts) {
        throw error;
      }
      used.set(error.outcome, times);
      reason = rule.reason;
      if (rule.pause) {
        const wait = backoffMs(number, engine.random(), engine.limits, error.retryAfterMs);
        await engine.clock.wait(wait, signal);
      }
    }
  }
}
