import type { GeoTIFFImage, TypedArray } from 'geotiff';
import {
  outsideRuns,
  type PixelRings,
  type PixelWindow,
  ringsOnGrid,
  windowOf,
} from './area_of_interest.ts';
import { carriedFields } from './carried_fields.ts';
import { readGeoreference } from './georeference.ts';
import { type TiffLayout, tiffPreamble } from './geotiff_writer.ts';
import { projectionOf } from './projections.ts';
import { readNodata } from './raster_facts.ts';
import type { Polygon } from './state_model.ts';

/** Fewest rows read at a time; a file of one-row strips would otherwise be read row by row. */
const MIN_STRIP_ROWS = 64;
/** TIFF's PhotometricInterpretation for colours that cannot be cut without converting them. */
const YCBCR = 6;

/** The raster cannot be cut to the area; the message says why. */
export class ClipError extends Error {
  override readonly name = 'ClipError';
}

/** What to cut out of a raster. */
export interface ClipPlan {
  readonly image: GeoTIFFImage;
  readonly window: PixelWindow;
  readonly rings: PixelRings;
}

/**
 * Finds the pixels of a raster that an area in longitude and latitude touches.
 *
 * @throws ClipError if the area misses the raster, or the raster's place on earth is not known
 */
export function planClip(image: GeoTIFFImage, area: Polygon): ClipPlan {
  const { transform, epsg } = readGeoreference(image);
  const projection = epsg === undefined ? undefined : projectionOf(epsg);
  if (!transform || !projection) {
    throw new ClipError('The raster has no georeference that the sandbox can reproject');
  }
  if (image.fileDirectory.getValue('PhotometricInterpretation') === YCBCR) {
    throw new ClipError('The raster is stored as YCbCr, which the sandbox does not cut');
  }
  const rings = ringsOnGrid(area, transform, projection);
  const window = windowOf(rings, image.getWidth(), image.getHeight());
  if (!window) throw new ClipError('The area of interest does not intersect the raster');
  return { image, window, rings };
}

/**
 * The cut raster as the bytes of a GeoTIFF, a strip of rows at a time. Pixels outside the polygon
 * become nodata if the raster has a nodata value that its samples can hold; otherwise the result
 * is the polygon's whole pixel window.
 *
 * @throws TiffTooLargeError beyond 4 GiB, and what the reader throws for damaged pixels
 */
export async function* clipBytes(plan: ClipPlan): AsyncGenerator<Buffer> {
  const { image, window } = plan;
  const nodata = await readNodata(image);
  const rows = Math.max(
    MIN_STRIP_ROWS,
    Math.min(image.getTileHeight(), window.bottom - window.top),
  );
  for (let top = window.top; top < window.bottom; top += rows) {
    const strip = { ...window, top, bottom: Math.min(window.bottom, top + rows) };
    const values = await readStrip(image, strip);
    if (top === window.top) yield tiffPreamble(await layoutOf(plan, values, rows));
    maskOutside(values, strip, plan.rings, image.getSamplesPerPixel(), nodata);
    yield Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  }
}

function readStrip(image: GeoTIFFImage, strip: PixelWindow): Promise<TypedArray> {
  const window = [strip.left, strip.top, strip.right, strip.bottom];
  return image.readRasters({ window, interleave: true });
}

async function layoutOf(
  { image, window }: ClipPlan,
  values: TypedArray,
  rowsPerStrip: number,
): Promise<TiffLayout> {
  return {
    width: window.right - window.left,
    height: window.bottom - window.top,
    bands: image.getSamplesPerPixel(),
    bitsPerSample: values.BYTES_PER_ELEMENT * 8,
    sampleFormat: sampleFormatOf(values),
    rowsPerStrip,
    fields: await carriedFields(image, window),
  };
}

/** TIFF's code for the samples as the reader hands them out, whatever they were in the file. */
function sampleFormatOf(values: TypedArray): TiffLayout['sampleFormat'] {
  if (isFloat(values)) return 3;
  const signed =
    values instanceof Int8Array || values instanceof Int16Array || values instanceof Int32Array;
  return signed ? 2 : 1;
}

function isFloat(values: TypedArray): boolean {
  return values instanceof Float32Array || values instanceof Float64Array;
}

function maskOutside(
  values: TypedArray,
  strip: PixelWindow,
  rings: PixelRings,
  bands: number,
  nodata: number | undefined,
): void {
  if (nodata === undefined || !canHold(values, nodata)) return;
  const width = strip.right - strip.left;
  for (let row = strip.top; row < strip.bottom; row += 1) {
    const rowStart = (row - strip.top) * width;
    for (const [from, to] of outsideRuns(rings, row, strip.left, strip.right)) {
      const first = rowStart + from - strip.left;
      values.fill(nodata, first * bands, (first + to - from) * bands);
    }
  }
}

/** Whether samples of this kind can be the nodata value; -9999 in unsigned bytes cannot. */
function canHold(values: TypedArray, nodata: number): boolean {
  if (isFloat(values)) return true;
  return values.slice(0, 1).fill(nodata)[0] === nodata;
}
