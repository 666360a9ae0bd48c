import { ServiceError } from './service_error.ts';
import type { ServiceRequest } from './service_request.ts';

const MOST_TRIES = 4;
const FIRST_BACKOFF_MS = 1_000;
const MOST_BACKOFF_MS = 8_000;
/** A service that asks for a longer wait is better asked again by whoever called. */
const PATIENCE_MS = 75_000;

/**
 * Milliseconds to wait before the next try of a request, or `undefined` to give up. What was not carried
 * out is tried again whatever it is; what may have been, only where that does no harm.
 */
export function waitBeforeNextTry(
  failure: unknown,
  { repeatable, tries: most = MOST_TRIES }: Pick<ServiceRequest, 'repeatable' | 'tries'>,
  tries: number,
  random: () => number,
): number | undefined {
  if (!(failure instanceof ServiceError) || tries >= most) return undefined;
  const { kind, fateUnknown, retryAfterSeconds = 0 } = failure;
  const isAway = kind === 'unavailable' || kind === 'unreachable';
  const notCarriedOut = kind === 'rate_limited' || (isAway && !fateUnknown);
  const harmless = repeatable && isAway;
  if (!notCarriedOut && !harmless) return undefined;
  const backoff = Math.min(MOST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (tries - 1));
  const ms = retryAfterSeconds * 1000 + Math.round(backoff * (0.5 + random() / 2));
  return ms > PATIENCE_MS ? undefined : ms;
}
