import { memorySource } from '../../transfer/sources/memory_source.ts';
import type { UploadSource } from '../../transfer/sources/upload_source.ts';
import { fileNameHeader } from './file_name_header.ts';
import type { OpenTable } from './open_tables.ts';
import { assertTable } from './parts/assert_table.ts';
import { cutTable } from './parts/cut_table.ts';
import { defaultLimits } from './parts/part_limits.ts';
import type { TextKind } from './parts/table_kind.ts';
import { EmptyTable, TooManyParts } from './parts/table_refusals.ts';
import { FIRST_PART, LAST_PART } from './session_paths.ts';
import { namingTable, ParquetTooLarge } from './table_refused.ts';

const MOST_PARTS = LAST_PART - FIRST_PART + 1;

/** One part of a session: a small file that is complete in itself. */
export interface SessionPart {
  /** From 0, over all files. */
  readonly number: number;
  readonly fileName: string;
  readonly body: UploadSource;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for Parquet, in which nobody here counts. */
  readonly rows: number | undefined;
  /** Of the file, the bytes that this part brings. */
  readonly fileBytes: number;
}

type NumberedPart = Omit<SessionPart, 'number'>;

/** Throws `TableRefused` for a file that no session would take, before one is opened; or what a source throws. */
export async function assertFitSession(
  tables: readonly OpenTable[],
  signal: AbortSignal,
): Promise<void> {
  for (const { fileName, kind, source } of tables) {
    try {
      if (source.size === 0) throw new EmptyTable();
      if (kind.format === 'parquet') assertOnePart(source.size);
      await assertTable(source, kind, signal);
    } catch (failure) {
      throw namingTable(fileName, failure);
    }
  }
  const beyond = tables[MOST_PARTS];
  if (beyond !== undefined) throw namingTable(beyond.fileName, new TooManyParts(MOST_PARTS));
}

function assertOnePart(bytes: number): void {
  const { wireBytes } = defaultLimits(bytes, undefined);
  if (bytes > wireBytes) throw new ParquetTooLarge(bytes, wireBytes);
}

/**
 * The parts of all files in their order, each made when it is asked for. Throws `TableRefused`, what a
 * source throws, or the signal's reason.
 */
export async function* sessionParts(
  tables: readonly OpenTable[],
  signal: AbortSignal,
): AsyncGenerator<SessionPart, void, undefined> {
  const aimBytes = aimOf(tables);
  let number: number = FIRST_PART;
  for (const [index, table] of tables.entries()) {
    // Each file that is still to come needs one part at least.
    const mostParts = LAST_PART - number + 1 - (tables.length - index - 1);
    try {
      for await (const part of partsOf(table, { aimBytes, mostParts }, signal)) {
        yield { number, ...part };
        number += 1;
      }
    } catch (failure) {
      const reason = failure instanceof TooManyParts ? new TooManyParts(MOST_PARTS) : failure;
      throw namingTable(table.fileName, reason);
    }
  }
}

/** So large that the parts of all files are few enough together. */
function aimOf(tables: readonly OpenTable[]): number {
  const bytes = tables.reduce((sum, { source }) => sum + source.size, 0);
  const codecs = tables.map(({ kind }) => (kind.format === 'parquet' ? undefined : kind.codec));
  return Math.max(...codecs.map((codec) => defaultLimits(bytes, codec).aimBytes));
}

interface Room {
  readonly aimBytes: number;
  readonly mostParts: number;
}

function partsOf(
  { fileName, kind, source }: OpenTable,
  room: Room,
  signal: AbortSignal,
): Iterable<NumberedPart> | AsyncIterable<NumberedPart> {
  const { contentType, plainName } = kind;
  const headers = { 'content-type': contentType, 'x-file-name': fileNameHeader(plainName) };
  if (kind.format !== 'parquet') return cutParts({ fileName, kind, source, headers }, room, signal);
  return [{ fileName, body: source, headers, rows: undefined, fileBytes: source.size }];
}

async function* cutParts(
  table: Pick<OpenTable, 'fileName' | 'source'> &
    Pick<SessionPart, 'headers'> & { readonly kind: TextKind },
  room: Room,
  signal: AbortSignal,
): AsyncGenerator<NumberedPart, void, undefined> {
  const { fileName, source, kind } = table;
  const headers = { ...table.headers, 'content-encoding': 'gzip' };
  let from = 0;
  for await (const { body, records, sourceEnd } of cutTable(source, kind, room, signal)) {
    const fileBytes = sourceEnd - from;
    from = sourceEnd;
    yield { fileName, body: memorySource(body), headers, rows: records, fileBytes };
  }
}
