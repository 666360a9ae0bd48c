const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/**
 * Geopera tells who a token belongs to only for a sign-in by OpenID Connect, so this scope must be
 * asked for besides those of its operations (OpenID Connect Core, 5.3).
 */
const SIGN_IN_SCOPE = 'openid';

/** The document of RFC 9728, 2, by which a client finds out where to sign in. */
export interface ResourceMetadata {
  readonly resource: string;
  readonly resource_name: string;
  readonly authorization_servers: readonly string[];
  readonly bearer_methods_supported: readonly string[];
  readonly scopes_supported: readonly string[];
}

export interface ProtectedResource {
  /** Where clients reach the protocol, e.g. `https://mcp.example.org/mcp`. */
  readonly url: string;
  /** Of the realm that signs tokens. */
  readonly issuer: string;
  readonly operations: readonly { readonly scope: string }[];
}

export function resourceMetadata({ url, issuer, operations }: ProtectedResource): ResourceMetadata {
  return {
    resource: url,
    resource_name: 'Geopera',
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    scopes_supported: [...new Set([SIGN_IN_SCOPE, ...operations.map(({ scope }) => scope)])],
  };
}

/** The address of that document (RFC 9728, 3.1): in front of the resource's own path. */
export function resourceMetadataUrl(resourceUrl: string): string {
  const { origin, pathname } = new URL(resourceUrl);
  return `${origin}${WELL_KNOWN}${pathname === '/' ? '' : pathname}`;
}

/** Where it is served: there, and at the root, where clients look next. */
export function resourceMetadataPaths(resourceUrl: string): readonly string[] {
  return [WELL_KNOWN, new URL(resourceMetadataUrl(resourceUrl)).pathname];
}
