import type { GeoTIFFImage } from 'geotiff';
import { z } from 'zod';
import type { Position } from './projections.ts';

/** GTRasterTypeGeoKey: the tie point is the centre of the pixel, not its corner. */
const PIXEL_IS_POINT = 2;
/** EPSG code that means: defined by the user, not by a code. */
const USER_DEFINED = 32767;

/**
 * Affine transform from pixel corners to the raster's reference system, as STAC's
 * `proj:transform`: `x = a·column + b·row + c`, `y = d·column + e·row + f`.
 */
export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

export interface Georeference {
  readonly transform: Affine | undefined;
  /** EPSG code, if the file names its reference system by one. */
  readonly epsg: number | undefined;
}

const numbers = z.custom<ArrayLike<number>>(
  (value) => Array.isArray(value) || ArrayBuffer.isView(value),
);
const epsgCode = z.number().int().positive();

/** Reads where a raster lies from its GeoTIFF tags. */
export function readGeoreference(image: GeoTIFFImage): Georeference {
  const keys = image.getGeoKeys() ?? {};
  const code = epsgCode.safeParse(keys.ProjectedCSTypeGeoKey ?? keys.GeographicTypeGeoKey);
  const epsg = code.success && code.data !== USER_DEFINED ? code.data : undefined;
  const transform = readStoredTransform(image);
  const isPoint = keys.GTRasterTypeGeoKey === PIXEL_IS_POINT;
  return { epsg, transform: transform && isPoint ? shifted(transform, -0.5, -0.5) : transform };
}

/** The transform of a window that begins so many pixels further right and down. */
export function shifted(transform: Affine, columns: number, rows: number): Affine {
  const [c, f] = toWorld(transform, [columns, rows]);
  return { ...transform, c, f };
}

export function toWorld({ a, b, c, d, e, f }: Affine, [column, row]: Position): Position {
  return [a * column + b * row + c, d * column + e * row + f];
}

/** Column and row, as fractions, of a place; the transform must not be degenerate. */
export function toPixel({ a, b, c, d, e, f }: Affine, [x, y]: Position): Position {
  const determinant = a * e - b * d;
  return [(e * (x - c) - b * (y - f)) / determinant, (a * (y - f) - d * (x - c)) / determinant];
}

/** The transform that the tags state, before the pixel-is-point rule. */
export function readStoredTransform({ fileDirectory }: GeoTIFFImage): Affine | undefined {
  const matrix = numbers.safeParse(fileDirectory.getValue('ModelTransformation'));
  if (matrix.success) {
    const [a = 0, b = 0, , c = 0, d = 0, e = 0, , f = 0] = Array.from(matrix.data);
    return { a, b, c, d, e, f };
  }
  const scale = numbers.safeParse(fileDirectory.getValue('ModelPixelScale'));
  const tie = numbers.safeParse(fileDirectory.getValue('ModelTiepoint'));
  if (!scale.success || !tie.success) return undefined;
  const [a = 0, height = 0] = Array.from(scale.data);
  const [column = 0, row = 0, , x = 0, y = 0] = Array.from(tie.data);
  return { a, b: 0, c: x - column * a, d: 0, e: -height, f: y + row * height };
}
