import { basename } from 'node:path';
import { NotATable } from './table_refusals.ts';

/** How a text table may be compressed, and is decoded here. */
export type TableCodec = 'gzip' | 'br';

export interface ParquetKind {
  readonly format: 'parquet';
  readonly contentType: string;
  /** The base name of the file. */
  readonly plainName: string;
}

export interface TextKind {
  readonly format: 'csv' | 'ndjson';
  readonly contentType: string;
  /** The base name of the file without the ending of a compression. */
  readonly plainName: string;
  /** Absent where the file is plain text. */
  readonly codec?: TableCodec;
}

/** What sort of table a file is, by its name. */
export type TableKind = ParquetKind | TextKind;

const CONTENT_TYPES = {
  parquet: 'application/octet-stream',
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
} as const;

const FORMATS: ReadonlyMap<string, TableKind['format']> = new Map([
  ['.parquet', 'parquet'],
  ['.pq', 'parquet'],
  ['.csv', 'csv'],
  ['.ndjson', 'ndjson'],
  ['.jsonl', 'ndjson'],
  ['.json', 'ndjson'],
]);

/** `undefined`: known, but the oldest Node that we run on cannot read it. */
const CODECS: ReadonlyMap<string, TableCodec | undefined> = new Map([
  ['.gz', 'gzip'],
  ['.br', 'br'],
  ['.zst', undefined],
]);

/** The last ending with its dot, in small letters; empty for a name that is all ending. */
const endingOf = (name: string): string => /[^.](\.[^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';

/**
 * The kind of a table by the name of its file, in whatever folder and letter case.
 *
 * @throws NotATable `unknown_kind`, `codec_unsupported`, `codec_on_parquet`
 */
export function tableKind(fileName: string): TableKind {
  const name = basename(fileName);
  const outer = endingOf(name);
  const isCoded = CODECS.has(outer);
  const plainName = isCoded ? name.slice(0, -outer.length) : name;
  const format = FORMATS.get(endingOf(plainName));
  if (format === undefined) throw new NotATable('unknown_kind');
  const contentType = CONTENT_TYPES[format];
  if (format === 'parquet') {
    if (isCoded) throw new NotATable('codec_on_parquet');
    return { format, contentType, plainName };
  }
  if (!isCoded) return { format, contentType, plainName };
  const codec = CODECS.get(outer);
  if (codec === undefined) throw new NotATable('codec_unsupported');
  return { format, contentType, plainName, codec };
}
