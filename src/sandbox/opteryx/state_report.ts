import type { OpteryxEndpoint } from './opteryx_faults.ts';
import type { Columns, StagedTable } from './records.ts';
import { digestText, joined, NO_ROWS, type RowsDigest } from './tables/rows_digest.ts';
import { partsInOrder } from './v1/inspect.ts';
import { isOver, type World } from './world.ts';

interface ReportedTable {
  readonly name: string;
  readonly kind: string;
  /** Null where nobody could count them. */
  readonly rows: number | null;
  readonly wire_bytes: number;
  readonly decoded_bytes: number;
  readonly encoding: string | null;
  /** Of the decoded bytes, in hex. */
  readonly sha256: string;
  readonly times_replaced: number;
}

interface ReportedSession {
  readonly id: string;
  readonly state: 'open' | 'committed' | 'expired';
  readonly target: string | null;
  readonly parts: readonly (ReportedTable & { readonly number: number })[];
}

interface ReportedContract {
  readonly id: string;
  readonly state: string;
  readonly mode: string;
  readonly target: string;
  readonly writes: readonly ReportedTable[];
}

interface ReportedDataset {
  readonly table: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly row_count: number;
  readonly snapshots: readonly {
    readonly id: string;
    readonly message: string | null;
    readonly operation: string;
    readonly rows_written: number;
  }[];
  /**
   * What the committed rows say in their order, whatever parts they came in: compare with
   * `digestOfRows`. Null if some are parquet.
   */
  readonly rows_digest: string | null;
  readonly files: readonly ReportedTable[];
}

/** What the emulator knows, as plain data. */
export interface OpteryxState {
  readonly sessions: readonly ReportedSession[];
  readonly contracts: readonly ReportedContract[];
  readonly datasets: readonly ReportedDataset[];
  readonly calls: Readonly<Record<OpteryxEndpoint, number>>;
  readonly tokens_issued: number;
  readonly requests_without_token: number;
  readonly requests_with_bad_token: number;
  /** Commits that were carried out, whether or not their answer arrived. */
  readonly commits_executed: number;
  readonly faults_struck: number;
}

export function reportState(world: World): OpteryxState {
  const datasets = [...world.datasets.values()];
  return {
    sessions: [...world.sessions.values()].map((session) => ({
      id: session.id,
      state: session.state === 'open' && isOver(world, session) ? 'expired' : session.state,
      target: session.target === undefined ? null : Object.values(session.target).join('.'),
      parts: partsInOrder(session).map(([number, part]) => ({ number, ...reported(part) })),
    })),
    contracts: [...world.contracts.values()].map(({ id, state, mode, target, writes }) => ({
      id,
      state,
      mode,
      target: Object.values(target).join('.'),
      writes: writes.map(reported),
    })),
    datasets: datasets.map(({ table, columns, rows, snapshots, files }) => ({
      table,
      columns: columnsOf(columns),
      row_count: rows,
      snapshots: snapshots.map(({ id, message, operation, rowsWritten }) => ({
        id,
        message,
        operation,
        rows_written: rowsWritten,
      })),
      rows_digest: digestOf(files),
      files: files.map(reported),
    })),
    calls: { ...world.calls },
    tokens_issued: world.tokens.issued,
    requests_without_token: world.tokens.seenWithout,
    requests_with_bad_token: world.tokens.seenBad,
    commits_executed: datasets.reduce((sum, { snapshots }) => sum + snapshots.length, 0),
    faults_struck: world.faults.struck,
  };
}

function reported(table: StagedTable): ReportedTable {
  const { source, encoding, wireBytes, facts, timesReplaced } = table;
  return {
    name: source,
    kind: facts.kind,
    rows: facts.rows,
    wire_bytes: wireBytes,
    decoded_bytes: facts.bytes,
    encoding: encoding ?? null,
    sha256: facts.sha256,
    times_replaced: timesReplaced,
  };
}

function columnsOf(columns: Columns): Record<string, string> {
  return Object.fromEntries(columns);
}

function digestOf(files: readonly StagedTable[]): string | null {
  let whole: RowsDigest = NO_ROWS;
  for (const { facts } of files) {
    if (facts.digest === null) return null;
    whole = joined(whole, facts.digest);
  }
  return digestText(whole);
}
