import type { Clock } from '../../../transfer/clock.ts';
import { memorySource } from '../../../transfer/sources/memory_source.ts';
import { heardOut } from '../../heard_out.ts';
import type { ServiceClient } from '../../http/service_client.ts';
import type { OpenTable } from '../open_tables.ts';
import { type NegotiatedContract, negotiationAnswer } from './contract_model.ts';
import { CONTRACTS_PATH } from './contract_path.ts';
import { type ContractTerms, negotiationBody } from './contract_terms.ts';
import { ContractsNotServed, isNotServed } from './contracts_not_served.ts';
import { negotiationForm } from './negotiation_form.ts';
import { tableSamples } from './table_samples.ts';

const CALL = 'opteryx.negotiate_contract';

export interface Negotiating {
  readonly client: ServiceClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Opens a contract by samples of all files; nothing of them becomes data. It may answer one although it was
 * cancelled, which is then to be given up. A lost answer leaves a contract that nobody can name, whether or
 * not this is tried again: it holds nothing, and runs out by itself.
 *
 * @throws ContractsNotServed, ServiceError; TableRefused, TransferError for a file
 */
export async function negotiate(
  terms: ContractTerms,
  tables: readonly OpenTable[],
  { client, clock, signal }: Negotiating,
): Promise<NegotiatedContract> {
  const samples = await tableSamples(tables, signal);
  const { contentType, body } = negotiationForm(negotiationBody(terms), samples);
  const request = {
    call: CALL,
    method: 'POST',
    path: CONTRACTS_PATH,
    headers: { 'content-type': contentType },
    bytes: { source: memorySource(body) },
    repeatable: true,
    tries: 3,
    answerSeconds: 120,
  } as const;
  try {
    return await heardOut(signal, clock, (late) =>
      client.ask({ ...request, signal: late }, negotiationAnswer()),
    );
  } catch (failure) {
    throw isNotServed(failure) ? new ContractsNotServed(failure) : failure;
  }
}
