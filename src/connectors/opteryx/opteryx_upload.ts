import type { Act } from '../../transfer/act.ts';
import type { TransferEngine } from '../../transfer/engine.ts';
import { ServiceError } from '../http/service_error.ts';
import type { PlanToShow } from './contracts/agree_contract.ts';
import { type ContractUploadRequest, contractUpload } from './contracts/contract_upload.ts';
import { ContractsNotServed } from './contracts/contracts_not_served.ts';
import type { ContractOutcome } from './contracts/opteryx_contracts.ts';
import type { OpteryxService } from './opteryx_service.ts';
import type { SessionOutcome } from './opteryx_sessions.ts';
import { type SessionUploadRequest, sessionUpload } from './session_upload.ts';

/** Tables for one dataset, by whichever way the service has. */
export type OpteryxUploadRequest = ContractUploadRequest & SessionUploadRequest;

export type OpteryxOutcome = SessionOutcome | ContractOutcome | PlanToShow;

/**
 * Uploads tables by the way that is configured. `auto` takes contracts, and sessions only where the service
 * has no contracts: nothing was opened then.
 *
 * @throws as `contractUpload` and `sessionUpload`
 */
export async function opteryxUpload(
  request: OpteryxUploadRequest,
  act: Act,
  service: OpteryxService,
  engine: TransferEngine,
): Promise<OpteryxOutcome> {
  if (service.api === 'v1') return bySession(request, act, service, engine);
  try {
    return await contractUpload(request, act, service, engine);
  } catch (failure) {
    if (service.api === 'v2' || !(failure instanceof ContractsNotServed)) throw failure;
    return bySession(request, act, service, engine);
  }
}

/** What only a contract can promise is not left out in silence. */
async function bySession(
  request: OpteryxUploadRequest,
  act: Act,
  service: OpteryxService,
  engine: TransferEngine,
): Promise<SessionOutcome> {
  const { columns, ignore, acceptPlan } = request;
  const isContracts = [columns, ignore, acceptPlan].some((it) => it !== undefined);
  if (isContracts) throw needsContracts();
  return sessionUpload(request, act, service, engine);
}

function needsContracts(): ServiceError {
  return new ServiceError({
    service: 'opteryx',
    call: 'opteryx.upload_file',
    kind: 'rejected',
    detail:
      'columns, ignore and accept_plan are for contracts, and this upload goes by a session, where the service infers all columns: leave them out',
  });
}
