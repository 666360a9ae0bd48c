import { z } from 'zod';
import type { GeoperaClient } from './client.ts';
import { GeoperaError } from './geopera_error.ts';
import { claimsIn } from './token_claims.ts';

/** A check that cannot be made soon is left to the API. */
const USERINFO_TIMEOUT_MS = 5_000;

/** `items:read`, `items:*`, `*:read` or `*`; OIDC scopes such as `openid` are of another kind. */
const RESOURCE_SCOPE = /^(?:\*|[a-z_]+:(?:\*|[a-z_]+)|\*:[a-z_]+)$/;

const claims = z.object({ scope: z.string().optional() });

/** True if one of the granted scopes meets the required one, by the API's wildcard rule. */
export function grants(granted: Iterable<string>, required: string): boolean {
  const [resource, action] = required.split(':');
  const answers = new Set([required, `${resource}:*`, `*:${action}`, '*']);
  return [...granted].some((scope) => answers.has(scope));
}

/** Resource scopes in a space- or comma-separated list; `undefined` if it holds none. */
export function resourceScopes(list: string): readonly string[] | undefined {
  const found = list.split(/[\s,]+/).filter((entry) => RESOURCE_SCOPE.test(entry));
  return found.length > 0 ? found : undefined;
}

export interface ScopeCheck {
  /**
   * Throws `GeoperaError` of kind `missing_scope` if the scope is known to be missing. Passes if
   * it is granted, and also if nothing is known: then the API judges.
   */
  require(scope: string, operationId: string, signal: AbortSignal): Promise<void>;
}

export interface ScopeSources {
  /** Scopes that the user configured; they win over all else. */
  readonly configured: readonly string[];
  readonly token?: string | undefined;
  readonly client: GeoperaClient;
}

/** Looks for the token's scopes in configuration, then its claims, then the userinfo endpoint. */
export function createScopeCheck(sources: ScopeSources): ScopeCheck {
  const local =
    sources.configured.length > 0 ? sources.configured : scopesInClaims(sources.token ?? '');
  let remote: Promise<readonly string[] | undefined> | undefined;

  async function known(signal: AbortSignal): Promise<readonly string[] | undefined> {
    if (local !== undefined || sources.token === undefined) return local;
    remote ??= scopesFromUserinfo(sources.client);
    try {
      return await abortable(remote, signal);
    } catch {
      signal.throwIfAborted();
      // The check is a courtesy: if it cannot be made, the API itself still refuses. The next call
      // may have more luck, so the failure is not remembered.
      remote = undefined;
      return undefined;
    }
  }

  return {
    async require(scope, operationId, signal) {
      const scopes = await known(signal);
      if (scopes === undefined || grants(scopes, scope)) return;
      throw new GeoperaError({
        kind: 'missing_scope',
        operationId,
        detail: `missing scope '${scope}' for '${operationId}'`,
        scope,
      });
    },
  };
}

/** Scopes in a JWT's `scope` claim. */
function scopesInClaims(token: string): readonly string[] | undefined {
  return resourceScopes(claimsIn(token, claims)?.scope ?? '');
}

async function scopesFromUserinfo(client: GeoperaClient): Promise<readonly string[] | undefined> {
  const answer = claims.parse(await client.userinfo(AbortSignal.timeout(USERINFO_TIMEOUT_MS)));
  return resourceScopes(answer.scope ?? '');
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    // Heard in every case: a failure that nobody hears would end the process.
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
