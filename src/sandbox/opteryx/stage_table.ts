import { decodedBody, type ToldEncoding } from './decoded_body.ts';
import type { StagedTable } from './records.ts';
import { refusal } from './refusals.ts';
import { TableUnreadable } from './tables/cells.ts';
import { readTable, type TableRules } from './tables/table_collector.ts';
import { declaredEncoding, namedTable } from './tables/table_kind.ts';

/** A file as it comes: its bytes, and what is said of them. */
export interface ArrivingFile {
  readonly body: AsyncIterable<Buffer>;
  readonly name: string | undefined;
  readonly mediaTypes: readonly (string | undefined)[];
  readonly contentEncoding: string | undefined;
  /** Most bytes once decoded. */
  readonly decodedLimit: number;
  readonly at: Date;
  readonly timesReplaced: number;
}

/**
 * Reads a file to its end and tells what it is.
 *
 * @throws TableUnreadable, ValueNotCastable; Refusal 413 or 422; whatever the body throws
 */
export async function stageTable(
  file: ArrivingFile,
  rules: Omit<TableRules, 'kind'>,
): Promise<StagedTable> {
  const named = namedTable(file.name, ...file.mediaTypes);
  if (named.kind === undefined) {
    throw new TableUnreadable('Unsupported file type: parquet, csv and ndjson are read.');
  }
  const declared = declaredEncoding(file.contentEncoding);
  if (declared === 'unknown') throw refusal(422, 'Unsupported Content-Encoding');
  const told: ToldEncoding = { encoding: declared ?? named.encoding };
  const wire = { bytes: 0 };
  const plain = decodedBody(counted(file.body, wire), told, file.decodedLimit);
  const facts = await readTable(plain, { kind: named.kind, ...rules });
  return {
    source: file.name ?? `upload.${named.kind}`,
    encoding: told.encoding,
    wireBytes: wire.bytes,
    facts,
    at: file.at,
    timesReplaced: file.timesReplaced,
  };
}

async function* counted(
  body: AsyncIterable<Buffer>,
  wire: { bytes: number },
): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    wire.bytes += chunk.length;
    yield chunk;
  }
}
