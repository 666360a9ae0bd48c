import { createHash } from 'node:crypto';
import { type Bounds, polygonAround } from './bounding_box.ts';
import { HOSTS, type Host, type MarketCollection } from './imagery_market.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const FIRST_DAY_MS = Date.UTC(2024, 0, 1);
/** Part of a cell that counts as its edge: 151.1 is no multiple of 0.1 in binary. */
const EDGE = 1e-6;

/** A scene that nobody took. All of it follows from its id, so that none needs to be kept. */
export interface Scene {
  readonly id: string;
  readonly host: Host;
  readonly collection: MarketCollection;
  readonly bounds: Bounds;
  /** Milliseconds since the epoch. */
  readonly takenAt: number;
  /** Percent. */
  readonly cloudCover: number;
}

/** The cells of a collection that a box touches, and the days on which they were taken, newest first. */
export interface SceneGrid {
  readonly host: Host;
  readonly collection: MarketCollection;
  readonly count: number;
  /** @param index from 0 up to `count` */
  at(index: number): Scene;
}

/** @param until no scene is younger, milliseconds since the epoch */
export function gridOf(
  host: Host,
  collection: MarketCollection,
  bounds: Bounds,
  until: number,
): SceneGrid {
  const { cellDegrees, everyDays } = collection;
  const [west, south, east, north] = onEarth(bounds);
  const columns = cellsFrom(west, east, cellDegrees);
  const rows = cellsFrom(south, north, cellDegrees);
  const days = Math.max(0, Math.floor((until - FIRST_DAY_MS) / (everyDays * DAY_MS)) + 1);
  return {
    host,
    collection,
    count: columns.count * rows.count * days,
    at: (index) => {
      const cells = columns.count * rows.count;
      const cell = index % cells;
      return scene(host, collection, {
        column: columns.first + (cell % columns.count),
        row: rows.first + Math.floor(cell / columns.count),
        pass: days - 1 - Math.floor(index / cells),
      });
    },
  };
}

/** Within the cells of the grid, of which the last begin below 180 and 90 degrees. */
function onEarth([west, south, east, north]: Bounds): Bounds {
  const lon = (degrees: number) => Math.min(179.999, Math.max(-180, degrees));
  const lat = (degrees: number) => Math.min(89.999, Math.max(-90, degrees));
  return [lon(west), lat(south), lon(east), lat(north)];
}

/** The cells that a stretch touches; one that only its end lies on is not among them. */
function cellsFrom(start: number, end: number, cell: number): { first: number; count: number } {
  const first = Math.floor(start / cell + EDGE);
  const last = Math.max(first, Math.ceil(end / cell - EDGE) - 1);
  return { first, count: last - first + 1 };
}

/** The scene of an id, if there is one: on earth, and taken by then. */
export function sceneOfId(id: string, until: number): Scene | undefined {
  const [, collectionId, column, row, pass] = /^(.+)_(-?\d+)_(-?\d+)_(\d+)$/.exec(id) ?? [];
  for (const host of HOSTS) {
    const collection = host.collections.find((candidate) => candidate.id === collectionId);
    if (!collection) continue;
    const place = { column: Number(column), row: Number(row), pass: Number(pass) };
    const found = scene(host, collection, place);
    const [west, south, east, north] = found.bounds;
    const exists = west >= -180 && east <= 180 && south >= -90 && north <= 90;
    return exists && found.id === id && found.takenAt <= until ? found : undefined;
  }
  return undefined;
}

interface Place {
  readonly column: number;
  readonly row: number;
  readonly pass: number;
}

function scene(host: Host, collection: MarketCollection, { column, row, pass }: Place): Scene {
  const { cellDegrees, everyDays } = collection;
  const id = `${collection.id}_${column}_${row}_${pass}`;
  const bounds: Bounds = [
    rounded(column * cellDegrees),
    rounded(row * cellDegrees),
    rounded((column + 1) * cellDegrees),
    rounded((row + 1) * cellDegrees),
  ];
  const [luck = 0, minutes = 0] = seedOf(id);
  return {
    id,
    host,
    collection,
    bounds,
    takenAt: FIRST_DAY_MS + pass * everyDays * DAY_MS + minutes * 60_000,
    cloudCover: collection.data_type === 'sar' ? 0 : Math.round((luck / 255) * 100),
  };
}

/** Bytes that look random and are the same for the same id. */
export function seedOf(id: string): Buffer {
  return createHash('sha256').update(id).digest();
}

function rounded(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}

/** A scene as a hit of a search: a STAC feature, with its price if it is for sale. */
export function sceneFeature({ id, host, collection, bounds, takenAt, cloudCover }: Scene) {
  const { audPerKm2 } = collection;
  return {
    type: 'Feature',
    stac_version: '1.0.0',
    id,
    collection: collection.id,
    bbox: [...bounds],
    geometry: polygonAround(bounds),
    properties: {
      datetime: new Date(takenAt).toISOString(),
      'eo:cloud_cover': cloudCover,
      gsd: collection.gsd,
      constellation: collection.title,
      instruments: [collection.sensor],
      host_name: host.name,
      ...(audPerKm2 === undefined ? {} : { price: { aud_per_km2: audPerKm2, currency: 'AUD' } }),
    },
    assets: {},
    links: [],
  };
}
