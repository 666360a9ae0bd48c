/** Limits of one wait between two attempts, in milliseconds. */
export interface BackoffLimits {
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  readonly retryAfterCapMs: number;
}

const FLOOR_MS = 50;
/** On top of what storage asked for, so that not all come back in the same moment. */
const SPREAD = 0.1;

/**
 * How long to wait before the next attempt: full jitter, never less than storage asked for (up to
 * the cap), and then up to a tenth more.
 *
 * @param failures failed attempts so far, from 1
 * @param random a number in [0, 1)
 */
export function backoffMs(
  failures: number,
  random: number,
  limits: BackoffLimits,
  retryAfterMs = 0,
): number {
  const ceiling = Math.min(limits.backoffCapMs, limits.backoffBaseMs * 2 ** (failures - 1));
  const jittered = Math.max(FLOOR_MS, random * ceiling);
  const asked = Math.min(retryAfterMs, limits.retryAfterCapMs);
  return Math.max(jittered, asked * (1 + random * SPREAD));
}

/**
 * Reads a `Retry-After` header, in seconds or as a date (RFC 9110, 10.2.3).
 *
 * @param now epoch milliseconds by the server's own `Date`, where it sent one
 * @returns milliseconds, or undefined if the header says nothing usable
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) {
    return undefined;
  }
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) {
    return Number(text) * 1000;
  }
  const date = /^[A-Za-z]{3}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
