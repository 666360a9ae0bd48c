import type { z } from 'zod';

/**
 * What a sign-in token says of itself, as far as it fits the model; `undefined` for an API key and for
 * what is no token. Read, not verified: Geopera is the judge of its own tokens.
 */
export function claimsIn<Claims extends z.ZodTypeAny>(
  token: string,
  model: Claims,
): z.output<Claims> | undefined {
  const payload = token.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    const json: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const parsed = model.safeParse(json);
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
