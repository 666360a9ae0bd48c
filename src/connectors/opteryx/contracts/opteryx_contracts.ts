import type { Connector, ConnectorTraits } from '../../connector.ts';
import { callEndpoint } from '../../endpoint.ts';
import { filesInWords } from '../../files_in_words.ts';
import type { ServiceClient } from '../../http/service_client.ts';
import { isFateUnknown } from '../../http/service_error.ts';
import { type Leftover, ServiceUploadFailed } from '../../service_upload_failed.ts';
import type { OpenTable } from '../open_tables.ts';
import { type OpteryxTarget, tableOf } from '../opteryx_target.ts';
import { assertAllWritten } from './all_written.ts';
import { closeContract, lookAt, type OpenContract } from './close_contract.ts';
import { contracts } from './contract_endpoints.ts';
import { type Contract, hasCode } from './contract_model.ts';
import { type SentTable, sendTable } from './send_table.ts';

/** Tables that became rows. */
export interface ContractOutcome {
  readonly kind: 'committed';
  readonly table: string;
  readonly contractId: string;
  /** The id of what was committed, where the service tells it. */
  readonly snapshot: string | undefined;
  readonly rowsWritten: number | undefined;
  readonly files: readonly SentTable[];
  /** Of the files. */
  readonly bytes: number;
  readonly seconds: number;
}

/** A contract takes each file as one stream, is committed by a key, and is given up by one call. */
export const CONTRACT_TRAITS: ConnectorTraits = {
  partsSelfContained: true,
  finishIdempotent: contracts.commit.repeatable,
  abandons: 'delete_contract',
  contentType: 'of_kind',
};

/** What is sent under a contract. */
interface ContractData {
  readonly target: OpteryxTarget;
  readonly tables: readonly OpenTable[];
  readonly message: string | undefined;
}

type ContractConnector = Connector<
  OpenContract,
  OpenTable,
  SentTable,
  Omit<ContractOutcome, 'seconds'>
>;

/** Sends tables under a contract that was agreed, and commits it. */
export function contractConnector(
  agreed: OpenContract,
  { target, tables, message }: ContractData,
  client: ServiceClient,
): ContractConnector {
  const bytes = tables.reduce((total, { source }) => total + source.size, 0);
  const table = tableOf(target);
  return {
    traits: CONTRACT_TRAITS,
    totalBytes: bytes,
    what: filesInWords(tables.map(({ fileName }) => fileName)),
    // Each answer tells what the contract holds by then, and no document says that it takes two at once.
    unitsAtOnce: 1,
    start: async () => agreed,
    plan: () => tables,
    send: ({ contract }, unit, sending) => sendTable(contract.contract_id, unit, client, sending),
    async inspect({ contract: { contract_id } }, sent, signal) {
      assertAllWritten(sent, await callEndpoint(contracts.get, { contract_id }, client, signal));
    },
    async finish({ contract: { contract_id: contractId }, entry }, files, signal) {
      await entry.finishing();
      const committed = await commit(contractId, message, client, signal);
      await entry.remove();
      const { snapshot, rows_written: rowsWritten } = committed;
      return { kind: 'committed', table, contractId, snapshot, rowsWritten, files, bytes };
    },
    async abandon(open, { step, cause }) {
      const isUnknown = step === 'finish' && isFateUnknown(cause);
      const left = isUnknown ? await leftAsItIs(open) : await closeContract(open, client);
      const id = open.contract.contract_id;
      const [service, idOf] = ['opteryx', 'contract'] as const;
      return new ServiceUploadFailed({ service, id, idOf, step, left, target: table, cause });
    },
  };
}

/** What may be committed is not touched, by whoever looks later either. */
async function leftAsItIs({ entry }: OpenContract): Promise<Leftover> {
  await entry.remove();
  const { finishIdempotent } = CONTRACT_TRAITS;
  return { kind: 'perhaps_done', finishIdempotent };
}

/** Commits, with the same key at each try. Where the answer was lost or denies it, a look decides. */
async function commit(
  contract_id: string,
  message: string | undefined,
  client: ServiceClient,
  signal: AbortSignal,
): Promise<Contract> {
  try {
    return await callEndpoint(contracts.commit, { contract_id, message }, client, signal);
  } catch (failure) {
    if (!isFateUnknown(failure) && !hasCode(failure, 'already_committed')) throw failure;
    const found = await lookAt(contract_id, client);
    if (found?.state === 'committed') return found;
    throw failure;
  }
}
