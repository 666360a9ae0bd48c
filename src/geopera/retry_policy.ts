import type { GeoperaError } from './geopera_error.ts';

const MAX_TRIES = 4;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 8_000;

/**
 * Milliseconds to wait before the next try of an operation, or `undefined` to give up.
 *
 * A 429 was not carried out, nor was a request that never left, so these are tried again for any
 * operation. A call whose fate is unknown is repeated only where that does no harm.
 */
export function waitBeforeRetry(
  failure: GeoperaError,
  repeatable: boolean,
  tries: number,
  patienceMs: number,
  random: () => number,
): number | undefined {
  if (tries >= MAX_TRIES) return undefined;
  const notCarriedOut =
    failure.kind === 'rate_limited' || (failure.kind === 'unreachable' && !failure.fateUnknown);
  const harmless = repeatable && (failure.kind === 'unavailable' || failure.kind === 'unreachable');
  if (!notCarriedOut && !harmless) return undefined;
  const backoff = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (tries - 1));
  const ms = (failure.retryAfterSeconds ?? 0) * 1000 + Math.round(backoff * random());
  return ms > patienceMs ? undefined : ms;
}
