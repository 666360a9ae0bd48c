import type { Row } from './tables/cells.ts';
import type { ColumnAction } from './tables/column_types.ts';
import type { TableFacts } from './tables/table_collector.ts';
import type { Encoding } from './tables/table_kind.ts';

export type Columns = ReadonlyMap<string, string>;

/** Where rows go. */
export interface Target {
  readonly workspace: string;
  readonly collection: string;
  readonly dataset: string;
}

export function tableOf({ workspace, collection, dataset }: Target): string {
  return `${workspace}.${collection}.${dataset}`;
}

/** One part of a session, or one write of a contract: a table that is staged. */
export interface StagedTable {
  readonly source: string;
  readonly encoding: Encoding | undefined;
  /** Bytes as they came over the wire. */
  readonly wireBytes: number;
  readonly facts: TableFacts;
  readonly at: Date;
  /** How often this place was written before. */
  readonly timesReplaced: number;
}

export interface Session {
  readonly id: string;
  readonly target: Target | undefined;
  /** The target's columns when the session began; undefined if it was not there. */
  readonly declared: Columns | undefined;
  readonly parts: Map<number, StagedTable>;
  expiresAt: Date;
  state: 'open' | 'committed';
}

interface PlanEntry {
  readonly column: string;
  readonly from: string;
  readonly to: string;
  readonly action: ColumnAction;
}

export interface ContractIssue {
  readonly code: string;
  readonly column?: string;
  readonly detail: string;
  readonly severity: 'blocking' | 'warning';
}

export type SchemaMode = 'declared' | 'infer' | 'dataset';

/** What the data will become. */
export interface Plan {
  readonly columns: Columns;
  readonly entries: readonly PlanEntry[];
  readonly issues: readonly ContractIssue[];
  readonly fingerprint: string;
}

export interface Contract {
  readonly id: string;
  readonly mode: SchemaMode;
  readonly target: Target;
  readonly operation: 'append' | 'overwrite';
  readonly samples: readonly StagedTable[];
  /** The types that somebody named: declared, or said later of what was inferred. */
  named: Columns;
  ignored: ReadonlySet<string>;
  plan: Plan;
  /** The target's definition when this was agreed; undefined if it was not there. */
  readonly pinned: string | undefined;
  readonly writes: StagedTable[];
  state: 'proposed' | 'accepted' | 'writing' | 'committed' | 'stale' | 'abandoned';
  expiresAt: Date;
  committed: { readonly snapshot: string; readonly key: string | undefined } | undefined;
}

export interface Snapshot {
  readonly id: string;
  readonly message: string | null;
  readonly operation: 'create' | 'append' | 'overwrite';
  readonly rowsWritten: number;
}

export interface Dataset {
  readonly table: string;
  columns: Columns;
  rows: number;
  files: StagedTable[];
  readonly snapshots: Snapshot[];
}

/**
 * Rows of tables in order.
 *
 * @throws Error if those of one are not kept: it is parquet, or too large
 */
export function rowsIn(tables: readonly StagedTable[]): readonly Row[] {
  return tables.flatMap(({ source, facts }) => {
    if (facts.kept === null) throw new Error(`The rows of ${source} are not kept.`);
    return facts.kept;
  });
}
