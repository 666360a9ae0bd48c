/** Where Geopera's realm of sign-ins is, below the address of the API. */
export const REALM_PATH = '/realms/public';

/** The issuer of sign-in tokens, as their `iss` claim and OpenID Connect discovery name it. */
export function realmIssuer(apiUrl: string): string {
  return `${apiUrl}${REALM_PATH}`;
}
