/** Far above any token; more is not worth a look. */
const MAX_CHARS = 8 * 1024;

/** RFC 6750, 2.1, by the `token68` of RFC 9110, 11.2. Nothing is tried twice, whatever the text. */
const BEARER = /^bearer +([a-z0-9._~+/-]+=*)$/i;

export type Credentials =
  | { readonly kind: 'token'; readonly token: string }
  /** None, or of a scheme that is not taken here. */
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' };

/**
 * The token of a request. Only the header is read: one in the address ends up in logs.
 *
 * @param headers all values of each header
 */
export function bearerCredentials(headers: NodeJS.Dict<string[]>): Credentials {
  const [authorization, ...more] = headers['authorization'] ?? [];
  if (authorization === undefined) return { kind: 'none' };
  if (more.length > 0 || authorization.length > MAX_CHARS) return { kind: 'malformed' };
  const token = BEARER.exec(authorization)?.[1];
  if (token !== undefined) return { kind: 'token', token };
  return { kind: /^bearer(?: |$)/i.test(authorization) ? 'malformed' : 'none' };
}
