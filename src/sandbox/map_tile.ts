import { ProblemError } from './problems.ts';
import { type Position, projectionOf } from './projections.ts';

/** Side of a tile in pixels. */
export const TILE_PIXELS = 256;

const DEEPEST_ZOOM = 24;
/** Half the side of the world in web Mercator, in metres. */
const HALF_WORLD = 20_037_508.342789244;
const MERCATOR = 3857;

/** A tile of the usual web scheme: rows count from the north. */
export interface TileAddress {
  readonly z: number;
  readonly x: number;
  readonly y: number;
}

/** Where the corners of a tile lie, in longitude and latitude. */
export interface TileCorners {
  readonly northWest: Position;
  readonly southEast: Position;
}

/** @throws ProblemError 422 for a tile that there is not */
export function cornersOf({ z, x, y }: TileAddress): TileCorners {
  const tiles = 2 ** z;
  const exists = z >= 0 && z <= DEEPEST_ZOOM && x >= 0 && x < tiles && y >= 0 && y < tiles;
  const mercator = projectionOf(MERCATOR);
  if (!exists || !mercator) throw new ProblemError(422, `There is no tile ${z}/${x}/${y}`);
  const metres = (column: number, row: number): Position => [
    (column / tiles) * 2 * HALF_WORLD - HALF_WORLD,
    HALF_WORLD - (row / tiles) * 2 * HALF_WORLD,
  ];
  return {
    northWest: mercator.toLonLat(metres(x, y)),
    southEast: mercator.toLonLat(metres(x + 1, y + 1)),
  };
}
