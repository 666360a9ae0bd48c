import type { IncomingMessage } from 'node:http';
import type { SandboxContext } from './context.ts';
import { type Answer, jsonAnswer } from './delivery.ts';
import { authenticate } from './principals.ts';
import { ProblemError } from './problems.ts';

export const USERINFO_PATH = '/realms/public/protocol/openid-connect/userinfo';

/** What a session token's userinfo shows where resource scopes are not visible. */
const OPENID_SCOPES = 'openid profile';

/** Who the token is. The realm answers its errors as OAuth does, not as a Problem. */
export function userinfoAnswer(context: SandboxContext, request: IncomingMessage): Answer {
  try {
    const principal = authenticate(context, request.headers);
    return jsonAnswer(200, {
      sub: principal.id,
      geopera_principal_id: principal.id,
      geopera_principal_type: 'api_key',
      geopera_org_id: context.store.state.organization_id,
      scope: principal.show_scopes ? principal.scopes.join(' ') : OPENID_SCOPES,
    });
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const body = { error: 'invalid_token', error_description: error.detail };
    return jsonAnswer(error.status, body);
  }
}
