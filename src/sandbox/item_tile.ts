import { readBounds } from './bounding_box.ts';
import type { SandboxContext } from './context.ts';
import { assetsOf, findAsset } from './item_records.ts';
import { seedOf } from './made_up_scenes.ts';
import { cornersOf, TILE_PIXELS, type TileAddress, type TileCorners } from './map_tile.ts';
import { encodePng, type Picture } from './png_image.ts';
import { ProblemError } from './problems.ts';
import { drawTile, type Shown } from './raster_tile.ts';
import type { Asset, Item } from './state_model.ts';
import { withTiff } from './tiff_file.ts';

/** What a tile is to show of an item, as the operations ask for it. */
export interface TileStyle {
  readonly asset_key?: string | undefined;
  /** Bands by commas, e.g. `4,3,2`. */
  readonly bands?: string | undefined;
  /** Two values by a comma, e.g. `0,3000`. */
  readonly rescale?: string | undefined;
}

/**
 * A map tile of an item as a PNG: of its raster, or, of an item that has none, the box around it in a colour
 * of its own.
 *
 * @throws ProblemError 422 for a tile, a band or a range that there is not; 404 for an asset
 */
export async function itemTile(
  context: SandboxContext,
  item: Item,
  address: TileAddress,
  style: TileStyle = {},
): Promise<Buffer> {
  const corners = cornersOf(address);
  const asset = shownAsset(context, item, style.asset_key);
  const object = asset === undefined ? undefined : context.objects.find(asset.object_path);
  if (!object) return encodePng(boxTile(item, corners));
  const shown = shownBy(style);
  const path = context.objects.diskPath(object);
  return encodePng(await withTiff(path, (tiff) => drawTile(tiff, corners, shown)));
}

/** The asset that is asked for, else the first with bands. */
function shownAsset(
  { store, settings }: SandboxContext,
  item: Item,
  key: string | undefined,
): Asset | undefined {
  if (key !== undefined) return findAsset(store.state, item, key, settings.assetIds);
  return assetsOf(store.state, item).find(({ bands }) => bands.length > 0);
}

function shownBy({ bands, rescale }: TileStyle): Shown {
  const [low, high] = rescale === undefined ? [] : numbersIn(rescale, 'rescale');
  return {
    bands: bands === undefined ? undefined : numbersIn(bands, 'bands'),
    range: low === undefined || high === undefined ? undefined : [low, high],
  };
}

/** @throws ProblemError 422 */
function numbersIn(text: string, member: string): number[] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (numbers.every(Number.isFinite)) return numbers;
  throw new ProblemError(422, `${member} must be numbers with commas between them`);
}

function boxTile({ id, bbox }: Item, { northWest, southEast }: TileCorners): Picture {
  const rgba = new Uint8Array(TILE_PIXELS * TILE_PIXELS * 4);
  const tile = { width: TILE_PIXELS, height: TILE_PIXELS, rgba };
  if (bbox === null) return tile;
  const [west, south, east, north] = readBounds(bbox);
  const [red = 0, green = 0, blue = 0] = seedOf(id);
  const lonAt = (column: number) => between(northWest[0], southEast[0], column);
  const latAt = (row: number) => between(northWest[1], southEast[1], row);
  for (let row = 0; row < TILE_PIXELS; row += 1) {
    const lat = latAt(row);
    if (lat < south || lat > north) continue;
    for (let column = 0; column < TILE_PIXELS; column += 1) {
      const lon = lonAt(column);
      if (lon < west || lon > east) continue;
      rgba.set([red, green, blue, 255], (row * TILE_PIXELS + column) * 4);
    }
  }
  return tile;
}

function between(start: number, end: number, pixel: number): number {
  return start + ((pixel + 0.5) / TILE_PIXELS) * (end - start);
}
