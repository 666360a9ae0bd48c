import { catalog } from '../../operations/catalog.ts';
import { cog } from '../../operations/cog.ts';
import { items } from '../../operations/items.ts';
import { share } from '../../operations/share.ts';
import { findItem } from '../item_records.ts';
import { itemTile } from '../item_tile.ts';
import { madeUpPicture } from '../made_up_picture.ts';
import { cornersOf, TILE_PIXELS } from '../map_tile.ts';
import { handle, type OperationHandlers, type Outcome } from '../operation_handler.ts';
import { encodePng, PNG } from '../png_image.ts';
import { notFound, ProblemError } from '../problems.ts';
import { openLink } from '../share_links.ts';
import type { Item } from '../state_model.ts';
import { wmtsCapabilities } from '../wmts_capabilities.ts';

const MOST_PIXELS_A_SIDE = 2048;

const render = handle(items.tileRender, async (input, { context }) => {
  if (input.expression !== undefined) {
    throw new ProblemError(422, 'the sandbox does no band math: leave expression out');
  }
  const item = findItem(context.store.state, input.item_id);
  return png(await itemTile(context, item, input, input));
});

const wmtsTile = handle(items.tileWmtsGetTile, async (input, { context }) => {
  const item = findItem(context.store.state, input.item_id);
  return png(await itemTile(context, item, input));
});

const capabilities = handle(items.tileWmtsCapabilities, (input, { context: { store } }) => ({
  mediaType: 'application/xml',
  body: wmtsCapabilities(findItem(store.state, input.item_id), input.base_url, input.key),
}));

const tilejson = handle(items.tileTilejson, (input, { context: { store, signer } }) => ({
  json: tileJson(findItem(store.state, input.item_id), signer.origin),
}));

const sharedTile = handle(share.tileRender, async (input, { context }) => {
  const { state } = context.store;
  const { target_type, target_id } = openLink(state, input, context.settings.now());
  if (target_type !== 'item') throw notFound('Item');
  await context.store.save();
  return png(await itemTile(context, findItem(state, target_id), input));
});

const sharedTilejson = handle(share.tilejson, async (input, { context }) => {
  const { store, settings, signer } = context;
  const { target_type, target_id } = openLink(store.state, input, settings.now());
  if (target_type !== 'item') throw notFound('Item');
  await store.save();
  return { json: tileJson(findItem(store.state, target_id), signer.origin) };
});

/** The sandbox fetches nothing from elsewhere, so what it draws of an address is made up from its words. */
const thumbnail = handle(cog.thumbnail, ({ url, width, height }) => {
  const fits = (side: number) => side >= 1 && side <= MOST_PIXELS_A_SIDE;
  if (!fits(width) || !fits(height)) {
    throw new ProblemError(422, `width and height go from 1 to ${MOST_PIXELS_A_SIDE}`);
  }
  return png(encodePng(madeUpPicture(url, width, height)));
});

const cogTile = handle(cog.tileRender, (input) => {
  cornersOf(input);
  return madeUpTile(`${input.url} ${input.z}/${input.x}/${input.y}`);
});

const sceneTile = handle(catalog.tileRender, (input) => {
  cornersOf(input);
  return madeUpTile(`${input.scene_id} ${input.z}/${input.x}/${input.y}`);
});

export const tileOperations: OperationHandlers = {
  ...render,
  ...wmtsTile,
  ...capabilities,
  ...tilejson,
  ...sharedTile,
  ...sharedTilejson,
  ...thumbnail,
  ...cogTile,
  ...sceneTile,
};

/** Images are PNG whatever format was asked for: the sandbox writes no other. */
function png(body: Uint8Array): Outcome {
  return { mediaType: PNG, body };
}

function madeUpTile(name: string): Outcome {
  return png(encodePng(madeUpPicture(name, TILE_PIXELS, TILE_PIXELS)));
}

function tileJson({ id, name, bbox }: Item, origin: string) {
  return {
    tilejson: '3.0.0',
    name,
    ...(bbox === null ? {} : { bounds: bbox }),
    minzoom: 0,
    maxzoom: 22,
    tiles: [`${origin}/items/${id}/tiles/{z}/{x}/{y}.png`],
  };
}
