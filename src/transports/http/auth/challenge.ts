/** Why a token does not do, by RFC 6750, 3.1. */
export type BearerError = 'invalid_request' | 'invalid_token';

export interface Challenge {
  /** Where the document of RFC 9728 is. */
  readonly resourceMetadataUrl: string;
  /** Absent where no token came: that is no error (RFC 6750, 3.1). */
  readonly error?: BearerError;
  /** For people. */
  readonly description?: string;
  /** What to ask for when signing in. */
  readonly scopes?: readonly string[];
}

/** What the quoted values may not have (RFC 6750, 3): quotes, backslashes, all beyond ASCII. */
const UNQUOTABLE = /[^\x20\x21\x23-\x5b\x5d-\x7e]+/g;

/** The value of a `WWW-Authenticate` header. */
export function bearerChallenge(challenge: Challenge): string {
  const { resourceMetadataUrl, error, description, scopes = [] } = challenge;
  const parameters: readonly (readonly [string, string | undefined])[] = [
    ['resource_metadata', resourceMetadataUrl],
    ['error', error],
    ['error_description', description],
    ['scope', scopes.length > 0 ? scopes.join(' ') : undefined],
  ];
  const written = parameters.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${value.replace(UNQUOTABLE, ' ')}"`],
  );
  return `Bearer ${written.join(', ')}`;
}
