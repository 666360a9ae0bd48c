import { createHash } from 'node:crypto';

/** An owner, an account or any other text as part of a key: always the same, and never another's. */
export function keyDigest(...texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('base64url');
}
