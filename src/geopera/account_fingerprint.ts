import { createHash } from 'node:crypto';
import { z } from 'zod';

const subject = z.object({ iss: z.string(), sub: z.string() });

/**
 * Tells accounts apart on disk without being a secret: of a session token who signed it and for whom,
 * since the token itself changes by the hour; of an API key a digest, shortened so that it proves
 * nothing.
 */
export function accountFingerprint(token: string): string {
  const claims = subject.safeParse(claimsIn(token));
  const name = claims.success ? ['subject', claims.data.iss, claims.data.sub] : ['key', token];
  return createHash('sha256').update(JSON.stringify(name)).digest('base64url').slice(0, 16);
}

function claimsIn(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
