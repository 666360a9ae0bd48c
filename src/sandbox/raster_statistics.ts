import type { GeoTIFF, GeoTIFFImage, TypedArray } from 'geotiff';
import { z } from 'zod';

/** The members of STAC's raster statistics; `valid_percent` is of the pixels looked at. */
export interface BandStatistics {
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  readonly stddev: number;
  readonly valid_percent: number;
}

/** Where statistics came from: the file's own metadata, every pixel, or a part of them. */
type StatisticsSource = 'embedded' | 'full' | 'overview' | 'window' | 'unreadable';

export interface RasterStatistics {
  /** One a band, or nothing if the pixels cannot be read. */
  readonly statistics: readonly BandStatistics[] | undefined;
  readonly source: StatisticsSource;
}

/** Rasters up to this size are read whole. */
const FULL_PIXELS = 4 * 1024 * 1024;
const OVERVIEW_MIN_EDGE = 256;
const WINDOW_EDGE = 1024;
/** A block larger than this is not decoded: a huge file may be one single strip. */
const MAX_BLOCK_BYTES = 64 * 1024 * 1024;
/** TIFF's NewSubfileType: a reduced image is 1, a mask has bit 4. */
const REDUCED_IMAGE = 1;
/** What GDAL writes for each band; the percent is missing in older files. */
const embeddedSchema = z
  .object({
    STATISTICS_MINIMUM: z.coerce.number(),
    STATISTICS_MAXIMUM: z.coerce.number(),
    STATISTICS_MEAN: z.coerce.number(),
    STATISTICS_STDDEV: z.coerce.number(),
    STATISTICS_VALID_PERCENT: z.coerce.number().default(100),
  })
  .transform((gdal) => ({
    minimum: gdal.STATISTICS_MINIMUM,
    maximum: gdal.STATISTICS_MAXIMUM,
    mean: gdal.STATISTICS_MEAN,
    stddev: gdal.STATISTICS_STDDEV,
    valid_percent: gdal.STATISTICS_VALID_PERCENT,
  }));

/** Reads or computes the statistics of each band without ever holding a big raster. */
export async function readStatistics(
  tiff: GeoTIFF,
  nodata: number | undefined,
): Promise<RasterStatistics> {
  const image = await tiff.getImage(0);
  const embedded = await embeddedStatistics(image);
  if (embedded) return { statistics: embedded, source: 'embedded' };
  const sample = await chooseSample(tiff, image);
  if (blockBytes(sample.image) > MAX_BLOCK_BYTES) return UNREADABLE;
  try {
    const rasters = await sample.image.readRasters({ window: sample.window, interleave: false });
    const statistics = Array.from(rasters, (values) => computeStatistics(values, nodata));
    return { statistics, source: sample.source };
  } catch (error) {
    // A codec or sample type that the reader does not know: the item says so instead of failing.
    if (error instanceof Error) return UNREADABLE;
    throw error;
  }
}

const UNREADABLE: RasterStatistics = { statistics: undefined, source: 'unreadable' };

async function embeddedStatistics(image: GeoTIFFImage): Promise<BandStatistics[] | undefined> {
  const bands: BandStatistics[] = [];
  for (let band = 0; band < image.getSamplesPerPixel(); band += 1) {
    const parsed = embeddedSchema.safeParse(await image.getGDALMetadata(band));
    if (!parsed.success) return undefined;
    bands.push(parsed.data);
  }
  return bands;
}

interface Sample {
  readonly image: GeoTIFFImage;
  readonly window: [number, number, number, number];
  readonly source: StatisticsSource;
}

async function chooseSample(tiff: GeoTIFF, image: GeoTIFFImage): Promise<Sample> {
  if (pixels(image) <= FULL_PIXELS) return { image, window: wholeOf(image), source: 'full' };
  const overview = await smallestOverview(tiff);
  if (overview) return { image: overview, window: wholeOf(overview), source: 'overview' };
  return { image, window: middleOf(image), source: 'window' };
}

async function smallestOverview(tiff: GeoTIFF): Promise<GeoTIFFImage | undefined> {
  let best: GeoTIFFImage | undefined;
  const count = await tiff.getImageCount();
  for (let index = 1; index < count; index += 1) {
    const candidate = await tiff.getImage(index);
    const subfile: unknown = candidate.fileDirectory.getValue('NewSubfileType');
    const edge = Math.max(candidate.getWidth(), candidate.getHeight());
    const usable = subfile === REDUCED_IMAGE && edge >= OVERVIEW_MIN_EDGE;
    if (usable && pixels(candidate) <= Math.min(FULL_PIXELS, best ? pixels(best) : FULL_PIXELS)) {
      best = candidate;
    }
  }
  return best;
}

function pixels(image: GeoTIFFImage): number {
  return image.getWidth() * image.getHeight();
}

function blockBytes(image: GeoTIFFImage): number {
  const bytes = (image.getBitsPerSample(0) / 8) * image.getSamplesPerPixel();
  return image.getTileWidth() * image.getTileHeight() * bytes;
}

function wholeOf(image: GeoTIFFImage): Sample['window'] {
  return [0, 0, image.getWidth(), image.getHeight()];
}

function middleOf(image: GeoTIFFImage): Sample['window'] {
  const left = Math.max(0, Math.floor((image.getWidth() - WINDOW_EDGE) / 2));
  const top = Math.max(0, Math.floor((image.getHeight() - WINDOW_EDGE) / 2));
  const right = Math.min(image.getWidth(), left + WINDOW_EDGE);
  const bottom = Math.min(image.getHeight(), top + WINDOW_EDGE);
  return [left, top, right, bottom];
}

/** One pass (Welford), so that large offsets lose no precision. All zero if nothing is valid. */
export function computeStatistics(values: TypedArray, nodata: number | undefined): BandStatistics {
  let count = 0;
  let mean = 0;
  let squares = 0;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value === nodata || !Number.isFinite(value)) continue;
    count += 1;
    const distance = value - mean;
    mean += distance / count;
    squares += distance * (value - mean);
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  if (count === 0) return { minimum: 0, maximum: 0, mean: 0, stddev: 0, valid_percent: 0 };
  return {
    minimum,
    maximum,
    mean,
    stddev: Math.sqrt(squares / count),
    valid_percent: (100 * count) / values.length,
  };
}
