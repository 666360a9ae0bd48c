import type { GeoTIFF, GeoTIFFImage } from 'geotiff';
import { z } from 'zod';
import { type Affine, readGeoreference, toWorld } from './georeference.ts';
import { type Position, type Projection, projectionOf } from './projections.ts';
import { type BandStatistics, readStatistics } from './raster_statistics.ts';
import type { Polygon } from './state_model.ts';
import { withTiff } from './tiff_file.ts';

/** Points along each edge of the raster when its outline is brought to longitude and latitude. */
const EDGE_POINTS = 21;

/** One band, in the members of STAC's raster extension. */
interface BandFacts {
  readonly name: string;
  readonly data_type: string;
  /** A number, or `nan`; null if the file states none. */
  readonly nodata: number | 'nan' | null;
  readonly statistics: BandStatistics | null;
}

/** What a GeoTIFF says about itself, ready for an item. */
export interface RasterFacts {
  readonly bbox: [number, number, number, number] | null;
  readonly geometry: Polygon | null;
  /** Metres a pixel, if the reference system is in metres. */
  readonly gsd: number | null;
  readonly datetime: string | null;
  readonly bands: readonly BandFacts[];
  readonly properties: Record<string, unknown>;
}

/** Reads the facts of a file, or nothing if it is not a TIFF that can be read. */
export async function describeFile(path: string): Promise<RasterFacts | undefined> {
  try {
    return await withTiff(path, readFacts);
  } catch (error) {
    // The reader throws plain errors for damaged bytes; one with a code comes from the disk.
    if (error instanceof Error && !('code' in error)) return undefined;
    throw error;
  }
}

async function readFacts(tiff: GeoTIFF): Promise<RasterFacts> {
  const image = await tiff.getImage(0);
  const { transform, epsg } = readGeoreference(image);
  const projection = epsg === undefined ? undefined : projectionOf(epsg);
  const nodata = await readNodata(image);
  const { statistics, source } = await readStatistics(tiff, nodata);
  const bands = await readBands(image, nodata, statistics);
  const outline = transform && projection ? lonLatOutline(image, transform, projection) : undefined;
  return {
    bbox: outline ? bounds(outline) : null,
    geometry: transform && projection ? footprint(image, transform, projection) : null,
    gsd:
      transform && projection && !projection.geographic
        ? Math.hypot(transform.a, transform.d)
        : null,
    datetime: await readDateTime(image),
    bands,
    properties: {
      'proj:epsg': epsg ?? null,
      'proj:code': epsg === undefined ? null : `EPSG:${epsg}`,
      'proj:shape': [image.getHeight(), image.getWidth()],
      ...(transform ? { 'proj:transform': transformList(transform) } : {}),
      'raster:bands': bands,
      'sandbox:statistics_source': source,
      ...(outline ? {} : { 'sandbox:bbox_unknown': whyNoOutline(transform, epsg) }),
    },
  };
}

function whyNoOutline(transform: Affine | undefined, epsg: number | undefined): string {
  if (!transform) return 'The file has no georeference.';
  if (epsg === undefined) return 'The file names no EPSG code for its reference system.';
  return `EPSG:${epsg} is not among the reference systems that the sandbox can reproject.`;
}

function transformList({ a, b, c, d, e, f }: Affine): number[] {
  return [a, b, c, d, e, f];
}

/** The raster's nodata value, which one tag states for all bands; NaN is a possible value. */
export async function readNodata(image: GeoTIFFImage): Promise<number | undefined> {
  if (!image.fileDirectory.hasTag('GDAL_NODATA')) return undefined;
  const text = z.string().parse(await image.fileDirectory.loadValue('GDAL_NODATA'));
  const trimmed = text.replace(/\0/g, '').trim();
  return trimmed === '' ? undefined : Number(trimmed);
}

async function readBands(
  image: GeoTIFFImage,
  nodata: number | undefined,
  statistics: readonly BandStatistics[] | undefined,
): Promise<BandFacts[]> {
  const bands: BandFacts[] = [];
  for (let index = 0; index < image.getSamplesPerPixel(); index += 1) {
    const metadata = await image.getGDALMetadata(index);
    const description = z.string().safeParse(metadata?.['DESCRIPTION']);
    bands.push({
      name: description.success ? description.data : `b${index + 1}`,
      data_type: dataType(image, index),
      nodata: nodata === undefined ? null : Number.isNaN(nodata) ? 'nan' : nodata,
      statistics: statistics?.[index] ?? null,
    });
  }
  return bands;
}

/** TIFF's SampleFormat codes in the words of STAC. */
const SAMPLE_FORMATS: Readonly<Record<number, string>> = { 1: 'uint', 2: 'int', 3: 'float' };

function dataType(image: GeoTIFFImage, band: number): string {
  const format = SAMPLE_FORMATS[image.getSampleFormat(band)];
  return format === undefined ? 'other' : `${format}${image.getBitsPerSample(band)}`;
}

/** TIFF's DateTime, which is `YYYY:MM:DD HH:MM:SS` without a zone; taken as UTC. */
async function readDateTime(image: GeoTIFFImage): Promise<string | null> {
  const value: unknown = await image.fileDirectory.loadValue('DateTime');
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/.exec(
    typeof value === 'string' ? value : '',
  );
  if (!parts) return null;
  const [, year, month, day, time] = parts;
  const text = `${year}-${month}-${day}T${time}Z`;
  return Number.isNaN(Date.parse(text)) ? null : text;
}

/** The raster's edge in longitude and latitude, dense enough to bend with the projection. */
function lonLatOutline(image: GeoTIFFImage, transform: Affine, projection: Projection): Position[] {
  const width = image.getWidth();
  const height = image.getHeight();
  const outline: Position[] = [];
  for (let step = 0; step < EDGE_POINTS; step += 1) {
    const part = step / (EDGE_POINTS - 1);
    const onEdges: Position[] = [
      [part * width, 0],
      [part * width, height],
      [0, part * height],
      [width, part * height],
    ];
    outline.push(...onEdges.map((pixel) => projection.toLonLat(toWorld(transform, pixel))));
  }
  return outline;
}

function bounds(positions: readonly Position[]): [number, number, number, number] {
  const lons = positions.map(([lon]) => lon);
  const lats = positions.map(([, lat]) => lat);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

/** The four corners in longitude and latitude, counter-clockwise and closed. */
function footprint(image: GeoTIFFImage, transform: Affine, projection: Projection): Polygon {
  const width = image.getWidth();
  const height = image.getHeight();
  const corners: Position[] = [
    [0, height],
    [width, height],
    [width, 0],
    [0, 0],
    [0, height],
  ];
  const ring = corners.map((pixel) => [...projection.toLonLat(toWorld(transform, pixel))]);
  return { type: 'Polygon', coordinates: [ring] };
}
