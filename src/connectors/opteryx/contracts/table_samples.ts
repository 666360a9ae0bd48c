import type { OpenTable } from '../open_tables.ts';
import { assertTable } from '../parts/assert_table.ts';
import { parquetSample } from '../parts/parquet_sample.ts';
import { textSample } from '../parts/text_sample.ts';
import { namingTable } from '../table_refused.ts';
import type { TableSample } from './negotiation_form.ts';

const MIB = 1024 * 1024;
const MOST_BYTES = 4 * MIB;
/** Of all samples together, since their form is held in memory; a record is not cut for it. */
const MOST_IN_ALL = 32 * MIB;

/**
 * What a contract is negotiated with: of each table as much as tells its columns.
 *
 * @throws TableRefused; what a source throws, or the reason of the signal
 */
export async function tableSamples(
  tables: readonly OpenTable[],
  signal: AbortSignal,
): Promise<TableSample[]> {
  const most = Math.min(MOST_BYTES, Math.floor(MOST_IN_ALL / tables.length));
  const samples: TableSample[] = [];
  for (const table of tables) {
    try {
      samples.push(await sampleOf(table, most, signal));
    } catch (failure) {
      throw namingTable(table.fileName, failure);
    }
  }
  return samples;
}

async function sampleOf(
  { source, kind, wireName }: OpenTable,
  most: number,
  signal: AbortSignal,
): Promise<TableSample> {
  if (kind.format === 'parquet') {
    return { name: wireName, bytes: await parquetSample(source, signal, most) };
  }
  await assertTable(source, kind, signal);
  return { name: wireName, bytes: await textSample(source, kind, signal, most) };
}
