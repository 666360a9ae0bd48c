import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js';
import type { ConnectedCaller } from '../../server_context.ts';

/**
 * Carries who calls from an HTTP request to the handlers of the protocol, through the one thing that the
 * SDK hands on untouched. The token itself stays with what acts for the caller.
 */
export class RequestCallers {
  readonly #callers = new WeakMap<AuthInfo, ConnectedCaller>();

  /** What to give the SDK's transport along with a request. */
  admit(caller: ConnectedCaller): AuthInfo {
    const authInfo: AuthInfo = { token: '', clientId: caller.owner, scopes: [] };
    this.#callers.set(authInfo, caller);
    return authInfo;
  }

  callerOf(authInfo: AuthInfo | undefined): ConnectedCaller {
    const caller = authInfo && this.#callers.get(authInfo);
    if (caller === undefined) throw new Error('a request came by no way that says who calls');
    return caller;
  }
}
