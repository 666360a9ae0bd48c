import { createHash } from 'node:crypto';
import type { Contract } from './contract_model.ts';
import type { ContractTerms } from './contract_terms.ts';

/**
 * The digest of what a person is shown of a plan, by which they accept it: other files, another type, or a
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
  return `plan_${digest.slice(0, 32)}`;
}
