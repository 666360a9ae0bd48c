import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { z } from 'zod';
import { csvRecords } from './csv_records.ts';
import { zipLayers } from './zip_layers.ts';

const SAMPLE_ROWS = 5;

interface Column {
  readonly name: string;
  readonly type: string;
}

/** What a preview tells of a table or of vectors. */
export interface VectorFacts {
  readonly columns: readonly Column[];
  /** EPSG code. */
  readonly crs: number | null;
  readonly geometryType: string | null;
  readonly featureCount: number | null;
  readonly sampleRows: readonly Record<string, unknown>[];
  /** Of a source that may hold several. */
  readonly layers?: readonly string[];
}

/** Kinds that the emulator does not look into, as it has no reader of them. */
const UNREAD: VectorFacts = {
  columns: [],
  crs: null,
  geometryType: null,
  featureCount: null,
  sampleRows: [],
};

const READERS: Readonly<Record<string, (path: string) => Promise<VectorFacts | undefined>>> = {
  '.csv': readTable,
  '.json': readFeatures,
  '.geojson': readFeatures,
  '.zip': async (path) => {
    const layers = await zipLayers(path);
    return layers && { ...UNREAD, layers };
  },
};

/** Undefined for a file that cannot be read. */
export async function vectorFacts(
  path: string,
  filename: string,
): Promise<VectorFacts | undefined> {
  const reader = READERS[extname(filename).toLowerCase()];
  return reader === undefined ? UNREAD : reader(path);
}

async function readTable(path: string): Promise<VectorFacts> {
  let header: readonly string[] | undefined;
  let rows = 0;
  const sampleRows: Record<string, unknown>[] = [];
  for await (const record of csvRecords(createReadStream(path, 'utf8'))) {
    if (header === undefined) {
      header = record.map((name) => name.replace(/^\uFEFF/, ''));
      continue;
    }
    rows += 1;
    if (rows > SAMPLE_ROWS) continue;
    sampleRows.push(Object.fromEntries(header.map((name, at) => [name, record[at] ?? null])));
  }
  const columns = (header ?? []).map((name) => ({ name, type: 'String' }));
  return { ...UNREAD, columns, featureCount: rows, sampleRows };
}

const featureModel = z.object({
  type: z.literal('Feature'),
  geometry: z.object({ type: z.string() }).nullable(),
  properties: z.record(z.unknown()).nullable(),
});
const collectionModel = z.object({
  type: z.literal('FeatureCollection'),
  features: z.array(featureModel),
});

async function readFeatures(path: string): Promise<VectorFacts | undefined> {
  const parsed = z
    .union([collectionModel, featureModel])
    .safeParse(parsedJson(await readFile(path, 'utf8')));
  if (!parsed.success) return undefined;
  const { data } = parsed;
  const features = data.type === 'Feature' ? [data] : data.features;
  const rows = features.map(({ properties }) => properties ?? {});
  return {
    columns: columnsOf(rows),
    // RFC 7946 knows no other.
    crs: 4326,
    geometryType: features.find(({ geometry }) => geometry !== null)?.geometry?.type ?? null,
    featureCount: features.length,
    sampleRows: rows.slice(0, SAMPLE_ROWS),
  };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function columnsOf(rows: readonly Record<string, unknown>[]): Column[] {
  const types = new Map<string, string>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      if (!types.has(name) && value !== null) types.set(name, typeName(value));
    }
  }
  return [...types].map(([name, type]) => ({ name, type }));
}

function typeName(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'Integer' : 'Real';
  return typeof value === 'boolean' ? 'Integer(Boolean)' : 'String';
}

const PLACES = {
  x_column: ['lon', 'lng', 'long', 'longitude', 'x', 'lon_dd', 'xcoord'],
  y_column: ['lat', 'latitude', 'y', 'lat_dd', 'ycoord'],
  wkt_column: ['wkt', 'geom', 'geometry', 'the_geom', 'shape'],
} as const;

/** The columns of a table that look like places, or null if none does. */
export function geometryColumns({ columns, geometryType }: VectorFacts) {
  const named = (names: readonly string[]) =>
    columns.find(({ name }) => names.includes(name.toLowerCase()))?.name ?? null;
  const found = {
    x_column: named(PLACES.x_column),
    y_column: named(PLACES.y_column),
    wkt_column: named(PLACES.wkt_column),
  };
  const any = found.x_column !== null || found.wkt_column !== null;
  return geometryType === null && any ? found : null;
}
