import { z } from 'zod';

const claims = z.object({ sub: z.string().min(1) });

/** Whose a JWT says that it is; undefined where it does not, or is none. Believed for telling accounts apart alone. */
export function tokenSubject(token: string): string | undefined {
  const [, payload = ''] = token.split('.');
  try {
    const parsed = claims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
    return parsed.success ? parsed.data.sub : undefined;
  } catch {
    return undefined;
  }
}
