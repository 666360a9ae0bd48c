import type { IncomingHttpHeaders } from 'node:http';
import type { SandboxContext } from './context.ts';
import { newId, newToken } from './initial_state.ts';
import { ProblemError } from './problems.ts';
import type { Project } from './project_records.ts';
import type { Principal, StoredState } from './state_model.ts';

/** What a token for a test is to be allowed. */
export interface TokenRequest {
  readonly scopes: readonly string[];
  /** Role on the sandbox's project; `admin` if absent. */
  readonly role?: Principal['role'] | undefined;
  /** Whether userinfo shows these scopes; otherwise it shows `openid profile`, as a session does. */
  readonly showScopes?: boolean | undefined;
  /** When it ends; never if absent. */
  readonly expiresAt?: string | null;
}

/** The token of a request: `Authorization: Bearer …`, or `X-API-Key` as the API also takes it. */
export function presentedToken(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const key = headers['x-api-key'];
  return typeof key === 'string' && key !== '' ? key : undefined;
}

/** @throws ProblemError 401 if no token came, an unknown one, or one that has ended. */
export function authenticate(
  { store, settings }: Pick<SandboxContext, 'store' | 'settings'>,
  headers: IncomingHttpHeaders,
): Principal {
  const token = presentedToken(headers);
  const principal = store.state.principals.find((candidate) => candidate.token === token);
  if (principal && !isPast(principal.expires_at, settings.now())) return principal;
  const detail = token === undefined ? 'Not authenticated' : 'Invalid or expired token';
  throw new ProblemError(401, detail, { 'WWW-Authenticate': 'Bearer' });
}

function isPast(time: string | null, now: Date): boolean {
  return time !== null && Date.parse(time) <= now.getTime();
}

/** A requirement `r:a` is met by `r:a`, `r:*`, `*:a` and `*` (the API's scope page). */
export function meetsScope(granted: readonly string[], required: string): boolean {
  const [resource, action] = required.split(':');
  const accepted = new Set([required, `${resource}:*`, `*:${action}`, '*']);
  return granted.some((scope) => accepted.has(scope));
}

/** @throws ProblemError 403 in the API's own words. */
export function requireScope(principal: Principal, scope: string, operationId: string): void {
  if (meetsScope(principal.scopes, scope)) return;
  throw new ProblemError(403, `missing scope '${scope}' for '${operationId}'`);
}

/**
 * The project, unless it is another organization's or the role may only look.
 *
 * @throws ProblemError 404 or 403
 */
export function requireProjectEditor(
  state: StoredState,
  principal: Principal,
  projectId: string,
): Project {
  const project = requireProject(state, projectId);
  if (principal.role !== 'viewer') return project;
  throw new ProblemError(403, 'editor or admin role on the project is required');
}

/** @throws ProblemError 404, or 403 for a role below admin */
export function requireProjectAdmin(
  state: StoredState,
  principal: Principal,
  projectId: string,
): Project {
  const project = requireProject(state, projectId);
  if (principal.role === 'admin') return project;
  throw new ProblemError(403, 'admin role on the project is required');
}

/** @throws ProblemError 404 if the project is unknown or another organization's. */
export function requireProject(state: StoredState, projectId: string): Project {
  const project = state.projects.find((candidate) => candidate.id === projectId);
  if (project?.organization_id === state.organization_id) return project;
  throw new ProblemError(404, 'Project not found');
}

/** Adds a principal. */
export function issueToken(state: StoredState, request: TokenRequest): Principal {
  const principal: Principal = {
    token: newToken(),
    id: newId('key'),
    scopes: [...request.scopes],
    role: request.role ?? 'admin',
    show_scopes: request.showScopes ?? false,
    expires_at: request.expiresAt ?? null,
  };
  state.principals.push(principal);
  return principal;
}
