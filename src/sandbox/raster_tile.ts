import type { GeoTIFF, GeoTIFFImage, TypedArray } from 'geotiff';
import { type Affine, readGeoreference, toPixel } from './georeference.ts';
import { TILE_PIXELS, type TileCorners } from './map_tile.ts';
import type { Picture } from './png_image.ts';
import { ProblemError } from './problems.ts';
import { type Position, type Projection, projectionOf } from './projections.ts';
import { readNodata } from './raster_facts.ts';

/** Most pixels of a raster that are read for one tile. */
const MOST_PIXELS = 32 * 1024 * 1024;

/** How the samples of a raster become colours. */
export interface Shown {
  /** Bands from 1 on: three of them, or one for grey. */
  readonly bands: readonly number[] | undefined;
  /** Values that become black and white; the range of what is read if undefined. */
  readonly range: readonly [number, number] | undefined;
}

/** The columns or rows of a raster that a tile spans, and those of them that there are. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly end: number;
}

interface Samples {
  readonly values: TypedArray;
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  readonly nodata: number | undefined;
}

/**
 * A map tile of a raster, clear where the raster is not. Within a tile the projections are taken as straight,
 * which is right to a pixel or so at the zooms at which one looks at a raster.
 *
 * @throws ProblemError 422 if it cannot be brought onto the map, or too much of it would have to be read
 */
export async function drawTile(
  tiff: GeoTIFF,
  corners: TileCorners,
  shown: Shown,
): Promise<Picture> {
  const image = await tiff.getImage(0);
  const { transform, projection } = placeOf(image);
  const from = onGrid(corners.northWest, transform, projection);
  const to = onGrid(corners.southEast, transform, projection);
  const across = spanOf(from[0], to[0], image.getWidth());
  const down = spanOf(from[1], to[1], image.getHeight());
  const rgba = new Uint8Array(TILE_PIXELS * TILE_PIXELS * 4);
  const tile = { width: TILE_PIXELS, height: TILE_PIXELS, rgba };
  if (across.first >= across.end || down.first >= down.end) return tile;
  const samples = await readSpan(image, across, down);
  paint(rgba, samples, { across, down }, colouring(samples, shown));
  return tile;
}

function placeOf(image: GeoTIFFImage): { transform: Affine; projection: Projection } {
  const { transform, epsg } = readGeoreference(image);
  const projection = epsg === undefined ? undefined : projectionOf(epsg);
  if (transform && projection) return { transform, projection };
  throw new ProblemError(422, 'The raster has no georeference that the sandbox can reproject');
}

function onGrid(place: Position, transform: Affine, projection: Projection): Position {
  return toPixel(transform, projection.fromLonLat(place));
}

function spanOf(from: number, to: number, size: number): Span {
  const low = Math.min(from, to);
  const high = Math.max(from, to);
  const usable = Number.isFinite(low) && Number.isFinite(high);
  return {
    from,
    to,
    first: usable ? Math.max(0, Math.floor(low)) : 0,
    end: usable ? Math.min(size, Math.ceil(high)) : 0,
  };
}

async function readSpan(image: GeoTIFFImage, across: Span, down: Span): Promise<Samples> {
  const columns = across.end - across.first;
  const rows = down.end - down.first;
  if (columns * rows > MOST_PIXELS) {
    throw new ProblemError(422, 'The tile spans too many pixels for the sandbox: zoom in');
  }
  const width = Math.min(columns, TILE_PIXELS);
  const height = Math.min(rows, TILE_PIXELS);
  const window = [across.first, down.first, across.end, down.end];
  const values = await image.readRasters({ window, width, height, interleave: true });
  const bands = image.getSamplesPerPixel();
  return { values, width, height, bands, nodata: await readNodata(image) };
}

interface Colouring {
  readonly bands: readonly [number, number, number];
  readonly low: number;
  readonly high: number;
}

/** @throws ProblemError 422 for a band that there is not */
function colouring(samples: Samples, { bands, range }: Shown): Colouring {
  const [red = 1, green = red, blue = red] = bands ?? (samples.bands >= 3 ? [1, 2, 3] : [1]);
  for (const band of [red, green, blue]) {
    if (!Number.isInteger(band) || band < 1 || band > samples.bands) {
      throw new ProblemError(422, `The raster has no band ${band}`);
    }
  }
  const [low, high] = range ?? naturalRange(samples);
  return { bands: [red, green, blue], low, high };
}

/** Bytes are shown as they are; other samples from the least to the greatest that was read. */
function naturalRange({ values, nodata }: Samples): [number, number] {
  if (values instanceof Uint8Array) return [0, 255];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value === nodata || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

function paint(
  rgba: Uint8Array,
  samples: Samples,
  { across, down }: { readonly across: Span; readonly down: Span },
  colours: Colouring,
): void {
  for (let row = 0; row < TILE_PIXELS; row += 1) {
    const y = sampleAt(down, row, samples.height);
    for (let column = 0; column < TILE_PIXELS; column += 1) {
      const x = sampleAt(across, column, samples.width);
      if (x === undefined || y === undefined) continue;
      const pixel = colourOf(samples, (y * samples.width + x) * samples.bands, colours);
      if (pixel) rgba.set(pixel, (row * TILE_PIXELS + column) * 4);
    }
  }
}

/** Which of the samples read lies under the middle of a pixel of the tile. */
function sampleAt({ from, to, first, end }: Span, at: number, count: number): number | undefined {
  const place = from + ((at + 0.5) / TILE_PIXELS) * (to - from);
  if (place < first || place >= end) return undefined;
  return Math.min(count - 1, Math.floor(((place - first) / (end - first)) * count));
}

/** Undefined where the raster has no data. */
function colourOf(
  { values, nodata }: Samples,
  start: number,
  { bands, low, high }: Colouring,
): readonly number[] | undefined {
  const picked = bands.map((band) => values[start + band - 1] ?? Number.NaN);
  const noData = picked.every((value) => value === nodata) || picked.some(Number.isNaN);
  if (noData) return undefined;
  const scale = high > low ? 255 / (high - low) : 0;
  return [...picked.map((value) => Math.min(255, Math.max(0, (value - low) * scale))), 255];
}
