import { createHash } from 'node:crypto';
import { type Row, type RowReader, TableUnreadable, ValueNotCastable } from './cells.ts';
import { arrivalType, isCastable, widerType } from './column_types.ts';
import { CsvReader } from './csv_reader.ts';
import { NdjsonReader } from './ndjson_reader.ts';
import { ParquetBytes } from './parquet_bytes.ts';
import { NO_ROWS, type RowsDigest, withRow } from './rows_digest.ts';
import type { TableKind } from './table_kind.ts';

/** Rows of larger tables are counted and digested, and not kept. */
const KEPT_BYTES = 8 * 1024 * 1024;

/** What a table that was read turned out to be. */
export interface TableFacts {
  readonly kind: TableKind;
  /** Size once decoded. */
  readonly bytes: number;
  /** SHA-256 of the decoded bytes, in hex. */
  readonly sha256: string;
  /** Null where nothing says it: a parquet footer that could not be read. */
  readonly rows: number | null;
  /** Columns in their order with the type of what arrived; null as for rows. */
  readonly columns: ReadonlyMap<string, string> | null;
  /** The rows in order; null if they are too many, or not text. */
  readonly kept: readonly Row[] | null;
  /** Null for parquet, whose rows are not read. */
  readonly digest: RowsDigest | null;
}

/** What the rows are held against while they arrive. */
export interface TableRules {
  readonly kind: TableKind;
  /** Types by column; undefined if none are declared. */
  readonly declared: ReadonlyMap<string, string> | undefined;
  /** Columns that are read and not kept. */
  readonly ignored?: ReadonlySet<string>;
  /** Called with the columns of each row that has one more. */
  readonly onColumns?: (columns: readonly string[]) => void;
}

/**
 * Reads a table as it arrives.
 *
 * @throws TableUnreadable, ValueNotCastable; whatever the source or `onColumns` throws
 */
export async function readTable(
  source: AsyncIterable<Buffer>,
  rules: TableRules,
): Promise<TableFacts> {
  const hash = createHash('sha256');
  let bytes = 0;
  const rows = rules.kind === 'parquet' ? undefined : new TextRows(rules);
  const parquet = rules.kind === 'parquet' ? new ParquetBytes() : undefined;
  for await (const chunk of source) {
    hash.update(chunk);
    bytes += chunk.length;
    rows?.push(chunk, bytes);
    parquet?.push(chunk);
  }
  const found = rows?.end() ?? parquet?.end();
  if (found === undefined) throw new TableUnreadable('There is nothing to read.');
  return { kind: rules.kind, bytes, sha256: hash.digest('hex'), ...found };
}

type Found = Pick<TableFacts, 'rows' | 'columns' | 'kept' | 'digest'>;

/** Rows of CSV or NDJSON, judged and counted one by one. */
class TextRows {
  readonly #rules: TableRules;
  readonly #reader: RowReader;
  readonly #text = new TextDecoder('utf-8', { fatal: true });
  readonly #types = new Map<string, string | undefined>();
  #kept: Row[] | null = [];
  #digest: RowsDigest = NO_ROWS;

  constructor(rules: TableRules) {
    this.#rules = rules;
    this.#reader = rules.kind === 'csv' ? new CsvReader() : new NdjsonReader();
  }

  push(chunk: Buffer, bytesSoFar: number): void {
    if (bytesSoFar > KEPT_BYTES) this.#kept = null;
    this.#take(this.#reader.push(this.#decoded(chunk)));
  }

  end(): Found {
    this.#take(this.#reader.push(this.#decoded()));
    this.#take(this.#reader.end());
    const types = [...this.#types].map(([name, type]) => [name, type ?? 'VARCHAR'] as const);
    return {
      rows: this.#digest.rows,
      columns: new Map(types),
      kept: this.#kept,
      digest: this.#digest,
    };
  }

  #decoded(chunk?: Buffer): string {
    try {
      return chunk === undefined ? this.#text.decode() : this.#text.decode(chunk, { stream: true });
    } catch (cause) {
      throw new TableUnreadable('The text is not UTF-8.', { cause });
    }
  }

  #take(rows: readonly Row[]): void {
    if (this.#reader.columns !== undefined) this.#know(this.#reader.columns);
    for (const whole of rows) {
      this.#judge(whole);
      const row = this.#withoutIgnored(whole);
      this.#digest = withRow(this.#digest, row);
      this.#kept?.push(row);
    }
  }

  #judge(row: Row): void {
    const isText = this.#rules.kind === 'csv';
    if (!isText) this.#know(Object.keys(row));
    for (const [column, cell] of Object.entries(row)) {
      const type = this.#rules.declared?.get(column);
      if (type !== undefined && !isCastable(cell, type)) {
        const value = String(cell);
        throw new ValueNotCastable({ column, row: this.#digest.rows + 1, value, declared: type });
      }
      const known = this.#types.get(column);
      // Nothing is wider than text.
      if (known === 'VARCHAR') continue;
      const arrived = arrivalType(cell, isText);
      if (arrived !== undefined && arrived !== known) {
        this.#types.set(column, widerType(known, arrived));
      }
    }
  }

  #withoutIgnored(row: Row): Row {
    const { ignored } = this.#rules;
    if (ignored === undefined || ignored.size === 0) return row;
    return Object.fromEntries(Object.entries(row).filter(([name]) => !ignored.has(name)));
  }

  #know(columns: readonly string[]): void {
    if (columns.every((name) => this.#types.has(name))) return;
    for (const name of columns) if (!this.#types.has(name)) this.#types.set(name, undefined);
    this.#rules.onColumns?.(columns);
  }
}
