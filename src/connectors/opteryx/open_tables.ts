import type { UploadSource } from '../../transfer/sources/upload_source.ts';
import { type TableKind, tableKind } from './parts/table_kind.ts';
import { namingTable } from './table_refused.ts';
import { wireNamer } from './wire_namer.ts';

/** A table that is sent from here. */
export interface TableToSend {
  readonly fileName: string;
  /** Called once, before anything is asked of the service; who sends it closes it. */
  open(signal: AbortSignal): Promise<UploadSource>;
}

/** The same, open. */
export interface OpenTable {
  readonly fileName: string;
  /** By which the service knows it: without the ending of a compression, which a header tells. */
  readonly wireName: string;
  readonly kind: TableKind;
  readonly source: UploadSource;
}

/** Works on open tables, and closes them however that ends. Throws `TableRefused` before any is opened. */
export async function withOpenTables<Result>(
  tables: readonly TableToSend[],
  signal: AbortSignal,
  work: (open: readonly OpenTable[]) => Promise<Result>,
): Promise<Result> {
  const wireName = wireNamer();
  const named = tables.map((table) => {
    const { fileName } = table;
    const kind = kindOf(fileName);
    return { table, fileName, wireName: wireName(kind.plainName), kind };
  });
  const open: OpenTable[] = [];
  try {
    for (const { table, ...names } of named) {
      open.push({ ...names, source: await table.open(signal) });
    }
    return await work(open);
  } finally {
    await Promise.all(open.map(({ source }) => source.close()));
  }
}

/** Throws `TableRefused`. */
export function kindOf(fileName: string): TableKind {
  try {
    return tableKind(fileName);
  } catch (failure) {
    throw namingTable(fileName, failure);
  }
}
