import { notFound } from './problems.ts';
import type { StoredState } from './state_model.ts';

/** @throws ProblemError 404 for any organization but the sandbox's own */
export function requireOrganization(state: StoredState, id: string): void {
  if (id !== state.organization_id) throw notFound('Organization');
}
