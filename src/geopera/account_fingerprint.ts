import { createHash } from 'node:crypto';
import { z } from 'zod';
import { claimsIn } from './token_claims.ts';

const subject = z.object({ iss: z.string(), sub: z.string() });

/**
 * Tells accounts apart on disk without being a secret: of a session token who signed it and for whom,
 * since the token itself changes by the hour; of an API key a digest, shortened so that it proves
 * nothing.
 */
export function accountFingerprint(token: string): string {
  const claims = claimsIn(token, subject);
  const name = claims === undefined ? ['key', token] : ['subject', claims.iss, claims.sub];
  return createHash('sha256').update(JSON.stringify(name)).digest('base64url').slice(0, 16);
}
