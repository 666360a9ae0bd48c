import { callEndpoint } from '../../endpoint.ts';
import type { ServiceClient } from '../../http/service_client.ts';
import { ServiceError } from '../../http/service_error.ts';
import { type Leftover, ServiceUploadFailed } from '../../service_upload_failed.ts';
import type { StagingJournal } from '../../staging_journal.ts';
import type { OpenTable } from '../open_tables.ts';
import { tableOf } from '../opteryx_target.ts';
import { closeContract, type OpenContract } from './close_contract.ts';
import { ContractBlocked } from './contract_blocked.ts';
import { contracts } from './contract_endpoints.ts';
import {
  blockingIssues,
  type Contract,
  hasCode,
  type NegotiatedContract,
} from './contract_model.ts';
import type { ContractTerms } from './contract_terms.ts';
import { type Negotiating, negotiate } from './negotiate.ts';
import { planSeen } from './plan_seen.ts';

/** A plan that nobody has accepted yet. Its contract was given up: nothing of it is open, unless `left` says so. */
export interface PlanToShow {
  readonly kind: 'plan';
  readonly table: string;
  readonly contract: NegotiatedContract;
  /** By which the plan, if it is still the same, is accepted. */
  readonly acceptPlan: string;
  /** Whether another plan had been accepted. */
  readonly isAnother: boolean;
  readonly left: Leftover;
}

/** A contract that takes data. */
export interface AgreedContract extends OpenContract {
  readonly kind: 'agreed';
  readonly planSeen: string;
}

export interface Agreeing extends Negotiating {
  readonly journal: StagingJournal;
}

/**
 * Negotiates a contract, and accepts it if its plan is the one that the user accepted, or needs nobody's
 * word: its types were declared, or are the dataset's own. Whatever else comes of it, it is given up.
 *
 * @throws ContractsNotServed, ServiceError, TableRefused, TransferError before it is open;
 * ServiceUploadFailed after that
 */
export async function agreeContract(
  terms: ContractTerms,
  tables: readonly OpenTable[],
  acceptPlan: string | undefined,
  { journal, ...negotiating }: Agreeing,
): Promise<AgreedContract | PlanToShow> {
  const { client, signal } = negotiating;
  const contract = await negotiate(terms, tables, negotiating);
  const { contract_id: id, expires_at: expiresAt } = contract;
  const flow = 'opteryx_contract';
  const entry = await journal.begin({ service: 'opteryx', flow, id, expiresAt });
  const table = tableOf(terms.target);
  const seen = planSeen(terms, contract);

  async function shown(plan: NegotiatedContract): Promise<PlanToShow> {
    const left = await closeContract({ contract, entry }, client);
    const { values } = contract;
    return {
      kind: 'plan',
      table,
      contract: { ...plan, values },
      acceptPlan: planSeen(terms, plan),
      isAnother: acceptPlan !== undefined,
      left,
    };
  }

  try {
    signal.throwIfAborted();
    const blocking = blockingIssues(contract);
    if (blocking.length > 0) throw new ContractBlocked(blocking);
    const isAccepted =
      acceptPlan === undefined ? contract.state !== 'proposed' : acceptPlan === seen;
    if (!isAccepted) return await shown(contract);
    const changed = await acceptedOrChanged(contract, client, signal);
    if (changed !== undefined) return await shown(changed);
    return { kind: 'agreed', contract, entry, planSeen: seen };
  } catch (cause) {
    const left = await closeContract({ contract, entry }, client);
    const step = 'agree';
    throw new ServiceUploadFailed({
      service: 'opteryx',
      id,
      idOf: 'contract',
      step,
      left,
      target: table,
      cause,
    });
  }
}

/** Accepts what was proposed; answers the contract as it is now if that is another. */
async function acceptedOrChanged(
  { contract_id, state, schema_fingerprint }: Contract,
  client: ServiceClient,
  signal: AbortSignal,
): Promise<Contract | undefined> {
  if (state !== 'proposed') return undefined;
  if (schema_fingerprint === undefined) throw nothingToAcceptBy();
  const input = { contract_id, schema_fingerprint };
  try {
    await callEndpoint(contracts.accept, input, client, signal);
    return undefined;
  } catch (failure) {
    if (!hasCode(failure, 'proposal_changed')) throw failure;
    return callEndpoint(contracts.get, { contract_id }, client, signal);
  }
}

function nothingToAcceptBy(): ServiceError {
  return new ServiceError({
    service: 'opteryx',
    call: contracts.accept.id,
    kind: 'unexpected_answer',
    detail: 'the contract has no fingerprint to accept it by',
  });
}
