import { z } from 'zod';

/** Seconds since the epoch (RFC 7519, 4.1.4), within what a date can be. */
const claims = z.object({ exp: z.number().min(0).max(8.64e12) });

/**
 * When a token is over by its own `exp` claim, in epoch milliseconds; `undefined` where it has none,
 * as an API key. Read, not verified: Geopera is the judge of its own tokens.
 */
export function tokenExpiry(token: string): number | undefined {
  const payload = token.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    const parsed = claims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
    return parsed.success ? parsed.data.exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
