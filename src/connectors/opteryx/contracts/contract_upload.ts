import type { Act } from '../../../transfer/act.ts';
import type { TransferEngine } from '../../../transfer/engine.ts';
import type { ConnectedService } from '../../connected_service.ts';
import { connectedUpload } from '../../connected_upload.ts';
import { createServiceClient } from '../../http/service_client.ts';
import { ServiceUploadFailed } from '../../service_upload_failed.ts';
import { type OpenTable, type TableToSend, withOpenTables } from '../open_tables.ts';
import { agreeContract, type PlanToShow } from './agree_contract.ts';
import { hasCode } from './contract_model.ts';
import { contractTerms, type UploadTerms } from './contract_terms.ts';
import { type ContractOutcome, contractConnector } from './opteryx_contracts.ts';
import { risingAct } from './rising_act.ts';

/** Tables that are to become rows of one dataset, all or none. */
export interface ContractUploadRequest extends UploadTerms {
  /** At least one. */
  readonly tables: readonly TableToSend[];
  /** The plan that the user has seen and accepted, as an earlier call answered it. */
  readonly acceptPlan?: string | undefined;
  readonly message?: string | undefined;
}

/**
 * Negotiates a contract by samples of all files, sends them under it and commits it. Answers the plan instead
 * where it needs a word of the user: then nothing was sent.
 *
 * @throws ContractsNotServed, ServiceError, TableRefused, TransferError before a contract is open;
 * ServiceUploadFailed after that
 */
export function contractUpload(
  request: ContractUploadRequest,
  act: Act,
  service: ConnectedService,
  engine: TransferEngine,
): Promise<ContractOutcome | PlanToShow> {
  const rising = risingAct(act);
  return withOpenTables(request.tables, act.signal, (tables) =>
    agreedUpload(request, tables, rising, service, engine),
  );
}

/** What was agreed is begun anew if the target has changed meanwhile: once, and only if the plan is the same. */
async function agreedUpload(
  request: ContractUploadRequest,
  tables: readonly OpenTable[],
  act: Act,
  { access, journal }: ConnectedService,
  engine: TransferEngine,
): Promise<ContractOutcome | PlanToShow> {
  const client = createServiceClient(access, engine);
  const terms = contractTerms(request);
  const startedAt = engine.clock.now();
  let acceptPlan = request.acceptPlan;

  async function once(): Promise<ContractOutcome | PlanToShow> {
    const agreeing = { client, clock: engine.clock, journal, signal: act.signal };
    const agreed = await agreeContract(terms, tables, acceptPlan, agreeing);
    if (agreed.kind === 'plan') return agreed;
    acceptPlan = agreed.planSeen;
    const { target, message } = request;
    const done = await connectedUpload(
      contractConnector(agreed, { target, tables, message }, client),
      act,
    );
    return { ...done, seconds: (engine.clock.now() - startedAt) / 1000 };
  }

  try {
    return await once();
  } catch (failure) {
    if (!isStaleAndGone(failure)) throw failure;
    return once();
  }
}

/** One that stayed open would stand in the way of the next. */
function isStaleAndGone(failure: unknown): boolean {
  return (
    failure instanceof ServiceUploadFailed &&
    failure.left.kind === 'nothing' &&
    hasCode(failure.cause, 'contract_stale')
  );
}
