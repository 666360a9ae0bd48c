import type { z } from 'zod';
import { clip } from '../operations/clip.ts';
import { InvalidArguments } from '../tools/arguments.ts';

type Polygon = z.output<typeof clip.createFromItem.input>['aoi_geometry'];
type Box = readonly [west: number, south: number, east: number, north: number];

const NUMBER = String.raw`\s*(-?\d+(?:\.\d+)?)\s*`;
const BOX = new RegExp(`^\\[?${NUMBER},${NUMBER},${NUMBER},${NUMBER}\\]?$`);

/**
 * An area as people write it: `west,south,east,north` in degrees, or a GeoJSON Polygon.
 *
 * @throws InvalidArguments
 */
export function areaOf(prompt: string, text: string): Polygon {
  const box = boxIn(text);
  if (box !== undefined) return polygonOf(box);
  const parsed = clip.createFromItem.input.shape.aoi_geometry.safeParse(jsonOr(text));
  if (parsed.success) return parsed.data;
  throw new InvalidArguments(prompt, [
    'area: neither west,south,east,north in degrees (west < east, south < north) nor a GeoJSON Polygon',
  ]);
}

function boxIn(text: string): Box | undefined {
  const [west, south, east, north] = (BOX.exec(text) ?? []).slice(1).map(Number);
  if (west === undefined || south === undefined || east === undefined || north === undefined) {
    return undefined;
  }
  const isOnEarth = west >= -180 && west < east && east <= 180 && south >= -90 && north <= 90;
  return isOnEarth && south < north ? [west, south, east, north] : undefined;
}

/** Counter-clockwise, as RFC 7946 has it. */
function polygonOf([west, south, east, north]: Box): Polygon {
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  return { type: 'Polygon', coordinates: [ring] };
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
