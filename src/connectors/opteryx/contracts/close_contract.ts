import { callEndpoint } from '../../endpoint.ts';
import type { ServiceClient } from '../../http/service_client.ts';
import { ServiceError, type ServiceErrorKind } from '../../http/service_error.ts';
import type { Leftover } from '../../service_upload_failed.ts';
import type { StagedEntry } from '../../staging_journal.ts';
import { contracts } from './contract_endpoints.ts';
import type { Contract } from './contract_model.ts';

/** How the service says that a contract is over already. */
const OVER: ReadonlySet<ServiceErrorKind> = new Set(['not_found', 'gone']);

/** A contract of ours that is open at the service. */
export interface OpenContract {
  readonly contract: Contract;
  readonly entry: StagedEntry;
}

/** Gives a contract up, and what is noted of it. Never rejects. */
export async function closeContract(open: OpenContract, client: ServiceClient): Promise<Leftover> {
  const left = await giveUp(open.contract, client);
  await (left.kind === 'staged' ? open.entry.leave() : open.entry.remove());
  return left;
}

/**
 * Gives a contract up with all that was sent under it, since an open one holds its target for hours. Also
 * after a cancellation, so it heeds no signal. Never rejects.
 */
export async function giveUp(contract: Contract, client: ServiceClient): Promise<Leftover> {
  const { contract_id } = contract;
  const { signal } = new AbortController();
  try {
    await callEndpoint(contracts.abandon, { contract_id }, client, signal);
    return { kind: 'nothing' };
  } catch (failure) {
    const known = failure instanceof ServiceError ? failure : undefined;
    if (known !== undefined && OVER.has(known.kind)) return { kind: 'nothing' };
    // What cannot be given up any more was committed, or so it seems: it is for a look to say.
    if (known?.kind === 'conflict') {
      const found = await lookAt(contract_id, client);
      if (found?.state === 'committed') return { kind: 'perhaps_done' };
      if (found?.state === 'abandoned') return { kind: 'nothing' };
    }
    return {
      kind: 'staged',
      what: 'The plan and the data',
      expires: contract.expires_at ?? 'some hours after it was negotiated',
      reason: known?.detail,
    };
  }
}

/** A contract as the service has it now; undefined if that is not to be had. Heeds no signal; never rejects. */
export function lookAt(contractId: string, client: ServiceClient): Promise<Contract | undefined> {
  const { signal } = new AbortController();
  const input = { contract_id: contractId };
  return callEndpoint(contracts.get, input, client, signal).catch(() => undefined);
}
