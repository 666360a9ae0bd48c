import { randomBytes } from 'node:crypto';
import {
  type Columns,
  type Dataset,
  type Snapshot,
  type StagedTable,
  type Target,
  tableOf,
} from './records.ts';
import { widerType } from './tables/column_types.ts';
import type { World } from './world.ts';

/** Tables that become rows of a dataset. */
interface Publication {
  readonly target: Target;
  readonly tables: readonly StagedTable[];
  /** What the columns are to be if there is no dataset yet. */
  readonly columns: Columns;
  readonly operation: 'append' | 'overwrite';
  readonly message: string | null;
}

/** Makes staged tables readable, in one snapshot. A dataset that is there keeps its definition. */
export function publish({ datasets }: World, publication: Publication): Snapshot {
  const { target, tables, columns, message } = publication;
  const rowsWritten = rowCount(tables);
  const table = tableOf(target);
  const existing = datasets.get(table);
  const dataset: Dataset = existing ?? { table, columns, rows: 0, files: [], snapshots: [] };
  const isReplaced = publication.operation === 'overwrite';
  dataset.files = [...(isReplaced ? [] : dataset.files), ...tables];
  dataset.rows = (isReplaced ? 0 : dataset.rows) + rowsWritten;
  const snapshot: Snapshot = {
    id: `snap_${randomBytes(6).toString('hex')}`,
    message,
    operation: existing === undefined ? 'create' : publication.operation,
    rowsWritten,
  };
  dataset.snapshots.push(snapshot);
  datasets.set(table, dataset);
  return snapshot;
}

/** Rows of tables; those that nobody could count are none. */
export function rowCount(tables: readonly StagedTable[]): number {
  return tables.reduce((sum, { facts }) => sum + (facts.rows ?? 0), 0);
}

/** The columns of all tables, each of the type that holds all of its values. */
export function mergedColumns(tables: readonly StagedTable[]): Columns {
  const merged = new Map<string, string>();
  for (const { facts } of tables) {
    for (const [name, type] of facts.columns ?? []) {
      merged.set(name, widerType(merged.get(name), type));
    }
  }
  return merged;
}

/** What a dataset is, so that a change of it shows; undefined if there is none. */
export function definitionOf({ datasets }: World, target: Target): string | undefined {
  const dataset = datasets.get(tableOf(target));
  return dataset === undefined ? undefined : JSON.stringify([...dataset.columns]);
}
