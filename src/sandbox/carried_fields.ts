import type { GeoTIFFImage } from 'geotiff';
import { z } from 'zod';
import type { PixelWindow } from './area_of_interest.ts';
import { type Affine, readStoredTransform, shifted } from './georeference.ts';
import type { TiffField } from './geotiff_writer.ts';

const MODEL_PIXEL_SCALE = 33550;
const MODEL_TIEPOINT = 33922;
const MODEL_TRANSFORMATION = 34264;
const GDAL_METADATA = 42112;

/** Fields that a cut-out keeps as they are: colours, reference system, nodata, time. */
const KEPT: readonly Pick<TiffField, 'tag' | 'type'>[] = [
  { tag: 262, type: 'short' },
  { tag: 306, type: 'ascii' },
  { tag: 320, type: 'short' },
  { tag: 338, type: 'short' },
  { tag: 34735, type: 'short' },
  { tag: 34736, type: 'double' },
  { tag: 34737, type: 'ascii' },
  { tag: 42113, type: 'ascii' },
];

const values = z.union([
  z.string(),
  z.number().transform((value) => [value]),
  z.custom<ArrayLike<number>>((value) => Array.isArray(value) || ArrayBuffer.isView(value)),
]);

/** The fields that a window of an image takes over, with its own place on earth. */
export async function carriedFields(
  image: GeoTIFFImage,
  window: PixelWindow,
): Promise<TiffField[]> {
  const fields: TiffField[] = [];
  for (const { tag, type } of KEPT) {
    if (!image.fileDirectory.hasTag(tag)) continue;
    fields.push({ tag, type, values: values.parse(await image.fileDirectory.loadValue(tag)) });
  }
  const transform = readStoredTransform(image);
  if (transform) fields.push(...placeFields(shifted(transform, window.left, window.top)));
  return [...fields, ...(await metadataField(image))];
}

/** Scale and tie point for a raster with north up, which every reader knows; else the matrix. */
function placeFields({ a, b, c, d, e, f }: Affine): TiffField[] {
  if (b === 0 && d === 0 && a > 0 && e < 0) {
    return [
      { tag: MODEL_PIXEL_SCALE, type: 'double', values: [a, -e, 0] },
      { tag: MODEL_TIEPOINT, type: 'double', values: [0, 0, 0, c, f, 0] },
    ];
  }
  const matrix = [a, b, 0, c, d, e, 0, f, 0, 0, 0, 0, 0, 0, 0, 1];
  return [{ tag: MODEL_TRANSFORMATION, type: 'double', values: matrix }];
}

/** Band descriptions and scales stay; statistics describe the whole raster, so they go. */
async function metadataField(image: GeoTIFFImage): Promise<TiffField[]> {
  if (!image.fileDirectory.hasTag(GDAL_METADATA)) return [];
  const xml = z.string().parse(await image.fileDirectory.loadValue('GDAL_METADATA'));
  const kept = xml.replace(/<Item name="STATISTICS_[^>]*>[^<]*<\/Item>\s*/g, '');
  return [{ tag: GDAL_METADATA, type: 'ascii', values: kept }];
}
