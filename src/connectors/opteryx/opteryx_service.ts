import type { ConnectedService, ServiceWiring } from '../connected_service.ts';
import type { Credentials } from '../http/service_request.ts';
import { exchangedTokens, fixedToken, noCredentials } from './opteryx_credentials.ts';
import { exchangeForToken } from './token_exchange.ts';
import { tokenSubject } from './token_subject.ts';

/** Which of the service's two ways to bring a table is taken; `auto` prefers the newer one, contracts. */
export type OpteryxApi = 'v1' | 'v2' | 'auto';

/** How Opteryx is reached, and as whom. */
export interface OpteryxSettings {
  readonly uploadUrl: string;
  /** Tokens are had at `/token` below it. */
  readonly authUrl: string;
  /** Together with the secret; they go before `token`. */
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  /** Of about five minutes, which nobody here can renew. */
  readonly token?: string | undefined;
  readonly api: OpteryxApi;
}

export interface OpteryxService extends ConnectedService {
  readonly api: OpteryxApi;
}

/** Opteryx as it is configured. Opens and asks nothing. */
export function opteryxService(settings: OpteryxSettings, wiring: ServiceWiring): OpteryxService {
  const { dispatcher } = wiring;
  const baseUrl = withoutSlash(settings.uploadUrl);
  const service = 'opteryx';
  return {
    api: settings.api,
    access: { service, baseUrl, dispatcher, credentials: credentialsOf(settings, wiring) },
    journal: wiring.journal({ service, baseUrl }, accountOf(settings)),
  };
}

/** A credential goes before a token, which ends in the middle of a long upload. */
function credentialsOf(
  { clientId, clientSecret, token, authUrl }: OpteryxSettings,
  { dispatcher, now }: ServiceWiring,
): Credentials {
  if (clientId !== undefined && clientSecret !== undefined) {
    const access = { baseUrl: withoutSlash(authUrl), dispatcher };
    const credential = { clientId, clientSecret };
    return exchangedTokens((signal) => exchangeForToken(credential, access, { now }, signal), now);
  }
  return token === undefined ? noCredentials : fixedToken(token);
}

/** Tokens of an account are others every five minutes, but each says whose it is. */
function accountOf({ clientId, clientSecret, token }: OpteryxSettings): string {
  if (clientId !== undefined && clientSecret !== undefined) return clientId;
  const subject = token === undefined ? undefined : tokenSubject(token);
  return subject === undefined ? 'token' : `token of ${subject}`;
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');
