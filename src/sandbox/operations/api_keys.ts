import { apiKeys } from '../../operations/api_keys.ts';
import type { ApiKey } from '../account_records.ts';
import { handle, type OperationHandlers } from '../operation_handler.ts';
import { issueToken, meetsScope } from '../principals.ts';
import { notFound, ProblemError } from '../problems.ts';
import type { Principal } from '../state_model.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Characters of the secret by which a person tells keys apart. */
const PREFIX_LENGTH = 18;

/** The secret is a token of the sandbox, shown here and never again. */
const create = handle(apiKeys.create, async (input, { context, principal }) => {
  const { state } = context.store;
  const permissions = input.permissions ?? [];
  for (const scope of permissions) requireOwnScope(principal, scope);
  const now = context.settings.now();
  const days = input.expires_in_days;
  const expires_at =
    days === undefined ? null : new Date(now.getTime() + days * DAY_MS).toISOString();
  const { id, token } = issueToken(state, {
    scopes: permissions,
    role: principal.role,
    expiresAt: expires_at,
  });
  const key: ApiKey = {
    id,
    name: input.name,
    prefix: token.slice(0, PREFIX_LENGTH),
    permissions,
    rate_limit: input.rate_limit ?? null,
    expires_at,
    revoked_at: null,
    created_by: principal.id,
    created_at: now.toISOString(),
  };
  state.api_keys.push(key);
  await context.store.save();
  return { json: { ...key, key: token } };
});

/** The OpenAPI leaves this answer untyped; `{api_keys: […]}` is our reading. */
const list = handle(apiKeys.list, (_input, { context: { store } }) => ({
  json: { api_keys: store.state.api_keys },
}));

const revoke = handle(apiKeys.revoke, async (input, { context }) => {
  const { state } = context.store;
  const key = state.api_keys.find(({ id }) => id === input.key_id);
  if (!key) throw notFound('API key');
  key.revoked_at ??= context.settings.now().toISOString();
  const [main, ...others] = state.principals;
  state.principals = [main, ...others.filter(({ id }) => id !== key.id)];
  await context.store.save();
  return { json: { ok: true, id: key.id } };
});

export const apiKeyOperations: OperationHandlers = { ...create, ...list, ...revoke };

/** @throws ProblemError 403: nobody can hand out more than they hold */
function requireOwnScope({ scopes }: Principal, scope: string): void {
  if (scopes.includes(scope) || meetsScope(scopes, scope)) return;
  throw new ProblemError(403, `'${scope}' is more than the caller may do`);
}
