import type { ServiceClient } from '../../http/service_client.ts';
import type { OpenTable } from '../open_tables.ts';
import type { TableKind } from '../parts/table_kind.ts';
import { type ContractWrite, dataAnswer } from './contract_model.ts';
import { contractPath } from './contract_path.ts';

/** A table that is being sent. */
export interface SendingTable {
  readonly signal: AbortSignal;
  onSent?(bytes: number): void;
}

/** What a table became at the service: one object, or several. */
export interface SentTable {
  readonly fileName: string;
  readonly bytes: number;
  readonly written: readonly ContractWrite[];
}

/**
 * Streams one whole file under an accepted contract. Never tried again once it may have arrived: the same
 * file twice would be its rows twice. Throws `ServiceError`, `TransferError` for the file.
 */
export async function sendTable(
  contractId: string,
  { fileName, wireName, kind, source }: OpenTable,
  client: ServiceClient,
  { signal, onSent }: SendingTable,
): Promise<SentTable> {
  const { written } = await client.ask(
    {
      call: 'opteryx.send_contract_data',
      method: 'POST',
      path: contractPath(contractId, '/data'),
      headers: { 'content-type': kind.contentType, 'x-file-name': wireName, ...encoding(kind) },
      bytes: { source, ...(onSent && { onSent }) },
      repeatable: false,
      answerSeconds: 600,
      signal,
    },
    dataAnswer(),
  );
  return { fileName, bytes: source.size, written };
}

/** A compressed table goes as it is, and the service decodes it. */
function encoding(kind: TableKind): Readonly<Record<string, string>> {
  if (kind.format === 'parquet' || kind.codec === undefined) return {};
  return { 'content-encoding': kind.codec };
}
