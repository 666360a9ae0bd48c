import { z } from 'zod';
import { claimsIn } from '../geopera/token_claims.ts';

/** Seconds since the epoch (RFC 7519, 4.1.4), within what a date can be. */
const claims = z.object({ exp: z.number().min(0).max(8.64e12) });

/**
 * When a token is over by its own `exp` claim, in epoch milliseconds; `undefined` where it has none,
 * as an API key.
 */
export function tokenExpiry(token: string): number | undefined {
  const exp = claimsIn(token, claims)?.exp;
  return exp === undefined ? undefined : exp * 1000;
}
