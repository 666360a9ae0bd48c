import { type Affine, toPixel } from './georeference.ts';
import type { Position, Projection } from './projections.ts';
import type { Polygon } from './state_model.ts';

/** Points along each edge of the area, so that it bends with the projection. */
const EDGE_POINTS = 21;

/** Part of a pixel that counts as none: what reprojecting an edge on the grid may be off by. */
const GRID_TOLERANCE = 1e-3;

/** Columns and rows of a raster; `right` and `bottom` are the first ones outside. */
export interface PixelWindow {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Rings in fractional columns and rows of a raster. */
export type PixelRings = readonly (readonly Position[])[];

/** Brings a polygon in longitude and latitude onto the pixel grid of a raster. */
export function ringsOnGrid(
  polygon: Polygon,
  transform: Affine,
  projection: Projection,
): PixelRings {
  return polygon.coordinates.map((ring) =>
    densified(ring).map((place) => toPixel(transform, projection.fromLonLat(place))),
  );
}

/** The pixels that the rings touch, or nothing if they miss a raster of that size. */
export function windowOf(
  rings: PixelRings,
  width: number,
  height: number,
): PixelWindow | undefined {
  const places = rings.flat();
  if (places.length === 0 || !places.every((place) => place.every(Number.isFinite))) {
    return undefined;
  }
  const [left, right] = touched(places.map(([column]) => column));
  const [top, bottom] = touched(places.map(([, row]) => row));
  const window = {
    left: Math.max(0, left),
    top: Math.max(0, top),
    right: Math.min(width, right),
    bottom: Math.min(height, bottom),
  };
  return window.left < window.right && window.top < window.bottom ? window : undefined;
}

/** The first pixel along one axis that the places touch, and the first one after them. */
function touched(places: readonly number[]): [number, number] {
  const first = Math.floor(Math.min(...places) + GRID_TOLERANCE);
  const end = Math.ceil(Math.max(...places) - GRID_TOLERANCE);
  return [first, Math.max(first + 1, end)];
}

/**
 * The runs of columns, within `left` and `right`, whose pixel centres in a row lie outside the
 * rings (even-odd rule): pairs of the first column of a run and the first one after it.
 */
export function outsideRuns(
  rings: PixelRings,
  row: number,
  left: number,
  right: number,
): [number, number][] {
  const runs: [number, number][] = [];
  let start = left;
  const edges = crossings(rings, row + 0.5);
  for (let index = 0; index + 1 < edges.length; index += 2) {
    const from = firstCentreFrom(edges[index] ?? 0, left, right);
    const to = firstCentreFrom(edges[index + 1] ?? 0, left, right);
    if (from > start) runs.push([start, from]);
    start = Math.max(start, to);
  }
  if (start < right) runs.push([start, right]);
  return runs;
}

/** The first column whose centre is at or right of `x`, kept within the bounds. */
function firstCentreFrom(x: number, left: number, right: number): number {
  return Math.min(right, Math.max(left, Math.ceil(x - 0.5)));
}

/** Where a horizontal line meets the rings, from left to right. */
function crossings(rings: PixelRings, y: number): number[] {
  const places: number[] = [];
  for (const ring of rings) {
    for (const [index, [x2, y2]] of ring.entries()) {
      const [x1, y1] = ring[(index + ring.length - 1) % ring.length] ?? [x2, y2];
      if (y1 > y !== y2 > y) places.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
    }
  }
  return places.sort((a, b) => a - b);
}

function densified(ring: readonly (readonly number[])[]): Position[] {
  return ring.slice(0, -1).flatMap((start, index) => {
    const end = ring[index + 1] ?? start;
    return Array.from({ length: EDGE_POINTS }, (_, step) =>
      between(start, end, step / EDGE_POINTS),
    );
  });
}

function between(start: readonly number[], end: readonly number[], part: number): Position {
  const [x1 = Number.NaN, y1 = Number.NaN] = start;
  const [x2 = Number.NaN, y2 = Number.NaN] = end;
  return [x1 + (x2 - x1) * part, y1 + (y2 - y1) * part];
}
