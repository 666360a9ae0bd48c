import type { Exchange } from '../exchange.ts';
import { definitionOf, rowCount } from '../publish.ts';
import type { Contract, ContractIssue, StagedTable } from '../records.ts';
import { type ContractCode, contractRefusal, type Refusal } from '../refusals.ts';
import { isOver, type World } from '../world.ts';

/** @throws Refusal 404, 410 */
export function contractOf({ world, id }: Exchange): Contract {
  const contract = world.contracts.get(id);
  if (contract === undefined) throw contractRefusal('contract_not_found', 'No such contract.');
  const isOpen = contract.state !== 'committed' && contract.state !== 'abandoned';
  if (isOpen && isOver(world, contract)) {
    throw contractRefusal('contract_expired', 'The contract has expired.');
  }
  return contract;
}

/** A contract that can still change. @throws Refusal 404, 409, 410 */
export function openContract(exchange: Exchange): Contract {
  const contract = contractOf(exchange);
  if (contract.state === 'abandoned') {
    throw contractRefusal('contract_not_found', 'The contract was abandoned.');
  }
  if (contract.committed !== undefined) {
    const { snapshot } = contract.committed;
    throw contractRefusal('already_committed', 'The contract was committed.', { snapshot });
  }
  requireFresh(exchange.world, contract);
  return contract;
}

/** @throws Refusal 409 if the target is not what it was when this was agreed */
function requireFresh(world: World, contract: Contract): void {
  const definition = definitionOf(world, contract.target);
  if (definition !== contract.pinned) contract.state = 'stale';
  if (contract.state !== 'stale') return;
  const written = rowCount(contract.writes);
  contract.writes.length = 0;
  throw contractRefusal('contract_stale', "The target's definition has changed.", {
    diff: [{ op: 'change', before: contract.pinned ?? null, after: definition ?? null }],
    written_rows: written,
    written_discarded: true,
  });
}

/** A contract that takes data. @throws Refusal as {@link openContract} */
export function acceptedContract(exchange: Exchange): Contract {
  const contract = openContract(exchange);
  if (contract.state === 'proposed') {
    throw contractRefusal('contract_not_accepted', 'The proposed schema was not accepted.');
  }
  requireUnblocked(contract);
  return contract;
}

/** @throws Refusal 409 with the code of the first issue that blocks */
export function requireUnblocked({ plan }: Contract): void {
  const issue = plan.issues.find(({ severity }) => severity === 'blocking');
  if (issue !== undefined) throw refusalOf(issue);
}

const ISSUE_CODES: Readonly<Record<string, ContractCode>> = {
  value_not_castable: 'value_not_castable',
  column_undeclared: 'column_undeclared',
  column_missing: 'column_missing',
  sources_disagree: 'sources_disagree',
  type_unsupported: 'type_unsupported',
};

function refusalOf({ code, column, detail }: ContractIssue): Refusal {
  return contractRefusal(
    ISSUE_CODES[code] ?? 'internal',
    detail,
    column === undefined ? {} : { column },
  );
}

/** A contract as it is answered. */
export function contractBody(contract: Contract): Record<string, unknown> {
  const { plan, writes } = contract;
  return {
    contract_id: contract.id,
    state: contract.state,
    mode: contract.mode,
    target: contract.target,
    schema: [...plan.columns].map(([name, type]) => ({ name, type })),
    plan: plan.entries,
    issues: plan.issues,
    writes: writes.map((write) => writeBody(contract, write)),
    rows_written: rowCount(writes),
    schema_fingerprint: plan.fingerprint,
    snapshot: contract.committed?.snapshot ?? null,
    expires_at: contract.expiresAt.toISOString(),
  };
}

export function writeBody({ id }: Contract, { source, facts, wireBytes }: StagedTable) {
  return { source, rows: facts.rows ?? 0, bytes: wireBytes, object: `staging/${id}/${source}` };
}
