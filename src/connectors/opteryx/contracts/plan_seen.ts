import { createHash } from 'node:crypto';
import type { Contract } from './contract_model.ts';
import type { ContractTerms } from './contract_terms.ts';

/** How the digest begins where types were read off the files, as is done for a table that is not there yet. */
const OF_NEW_TABLE = 'plan_new_';

/**
 * The digest of what a person is shown of a plan, by which they accept it: other columns, another type, or a
 * table that somebody made meanwhile give another one. The service's own fingerprint is of the schema alone.
 */
export function planSeen(terms: ContractTerms, contract: Contract): string {
  const { target, write, onConflict, ignore = [] } = terms;
  const { mode, schema, plan, issues } = contract;
  const seen = [
    [target.workspace, target.collection, target.dataset],
    [mode ?? terms.mode, write ?? null, onConflict],
    [...ignore].sort(),
    schema.map(({ name, type }) => [name, type]),
    plan.map(({ column, from, to, action }) => [column, from, to, action]),
    issues.map(({ code, column, severity }) => [code, column, severity]),
  ];
  const digest = createHash('sha256').update(JSON.stringify(seen)).digest('base64url');
  return `${mode === 'infer' ? OF_NEW_TABLE : 'plan_'}${digest.slice(0, 32)}`;
}

/** Whether what is accepted by this replaces nothing: made up for a table that is there, it fits no plan. */
export function isOfNewTable(acceptPlan: string): boolean {
  return acceptPlan.startsWith(OF_NEW_TABLE);
}
