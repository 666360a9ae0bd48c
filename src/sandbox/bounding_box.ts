import { z } from 'zod';
import { ProblemError } from './problems.ts';

/** West, south, east, north, in degrees. */
export type Bounds = readonly [number, number, number, number];

/**
 * Reads a `bbox` of four numbers, or of six with heights, which are passed over.
 *
 * @throws ProblemError 422
 */
export function readBounds(bbox: readonly number[]): Bounds {
  const [a = Number.NaN, b = Number.NaN, c = Number.NaN, d = Number.NaN, e = Number.NaN] = bbox;
  const bounds: Bounds = bbox.length === 6 ? [a, b, d, e] : [a, b, c, d];
  const [west, south, east, north] = bounds;
  const wanted = bbox.length === 4 || bbox.length === 6;
  if (wanted && bounds.every(Number.isFinite) && west <= east && south <= north) return bounds;
  throw new ProblemError(422, 'bbox must be west, south, east, north in degrees');
}

/** Whether two boxes touch. */
export function touch(one: Bounds, other: Bounds): boolean {
  return one[0] <= other[2] && other[0] <= one[2] && one[1] <= other[3] && other[1] <= one[3];
}

const geometrySchema = z.object({ coordinates: z.unknown() });

/**
 * The box around a GeoJSON geometry.
 *
 * @throws ProblemError 422 if no position is in it
 */
export function boundsOf(geometry: unknown): Bounds {
  const read = geometrySchema.safeParse(geometry);
  const places = read.success ? positionsIn(read.data.coordinates) : [];
  if (places.length === 0) throw new ProblemError(422, 'the geometry has no coordinates');
  return places.reduce<Bounds>(
    ([west, south, east, north], [lon, lat]) => [
      Math.min(west, lon),
      Math.min(south, lat),
      Math.max(east, lon),
      Math.max(north, lat),
    ],
    [Infinity, Infinity, -Infinity, -Infinity],
  );
}

function positionsIn(coordinates: unknown): [number, number][] {
  if (!Array.isArray(coordinates)) return [];
  const [lon, lat] = coordinates;
  if (typeof lon === 'number' && typeof lat === 'number') return [[lon, lat]];
  return coordinates.flatMap(positionsIn);
}

/** A box as a GeoJSON polygon. */
export function polygonAround([west, south, east, north]: Bounds) {
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  return { type: 'Polygon' as const, coordinates: [ring] };
}
