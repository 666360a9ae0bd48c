export type TableKind = 'csv' | 'ndjson' | 'parquet';
export type Encoding = 'gzip' | 'deflate' | 'br' | 'zstd';

const KINDS: Readonly<Record<string, TableKind>> = {
  parquet: 'parquet',
  pq: 'parquet',
  csv: 'csv',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  json: 'ndjson',
};

const MEDIA_TYPES: Readonly<Record<string, TableKind>> = {
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/vnd.apache.parquet': 'parquet',
};

const SUFFIXES: Readonly<Record<string, Encoding>> = {
  gz: 'gzip',
  gzip: 'gzip',
  z: 'deflate',
  zz: 'deflate',
  deflate: 'deflate',
  br: 'br',
  zst: 'zstd',
  zstd: 'zstd',
};

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  br: 'br',
  zstd: 'zstd',
};

interface NamedTable {
  readonly kind: TableKind | undefined;
  /** What the name says of compression: `a.csv.gz`. */
  readonly encoding: Encoding | undefined;
}

/** What a file name says, and failing that one of the media types. */
export function namedTable(
  name: string | undefined,
  ...mediaTypes: (string | undefined)[]
): NamedTable {
  const endings = (name ?? '').toLowerCase().split('.').slice(1);
  const encoding = SUFFIXES[endings.at(-1) ?? ''];
  const kind = KINDS[endings.at(encoding === undefined ? -1 : -2) ?? ''];
  const byType = mediaTypes.map((type) => MEDIA_TYPES[type?.split(';')[0]?.trim() ?? '']);
  return { kind: kind ?? byType.find((found) => found !== undefined), encoding };
}

/** What `Content-Encoding` declares; undefined for none, `unknown` for what no one decodes. */
export function declaredEncoding(header: string | undefined): Encoding | undefined | 'unknown' {
  const name = header?.trim().toLowerCase();
  if (name === undefined || name === '' || name === 'identity') return undefined;
  return ENCODINGS[name] ?? 'unknown';
}
