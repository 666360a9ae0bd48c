import { items } from '../operations/items.ts';
import { downloadDescriptor } from './download_urls.ts';
import { handle, type OperationHandlers } from './operation_handler.ts';
import { requireProject } from './principals.ts';
import { notFound } from './problems.ts';
import type { Settings } from './settings.ts';
import type { Asset, Item, StoredObject, StoredState } from './state_model.ts';

/** The OpenAPI leaves this answer untyped; `{items: […]}` is our reading. */
const list = handle(items.list, (input, { context: { store } }) => {
  requireProject(store.state, input.project_id);
  const matching = store.state.items.filter(
    (item) =>
      item.project_id === input.project_id &&
      (typeof input.collection_id !== 'string' || item.collection_id === input.collection_id) &&
      (!input.uncollected || item.collection_id === null),
  );
  const start = Math.max(0, input.offset);
  return { json: { items: matching.slice(start, start + Math.max(0, input.limit)) } };
});

const get = handle(items.get, (input, { context: { store } }) => ({
  json: { item: findItem(store.state, input.item_id) },
}));

/** The OpenAPI leaves this answer untyped; `{assets: […]}` is our reading. */
const listAssets = handle(items.listAssets, (input, { context: { store, objects } }) => ({
  json: {
    assets: assetsOf(store.state, findItem(store.state, input.item_id)).map((asset) => ({
      ...assetRecord(asset),
      ...fileFacts(objects.find(asset.object_path)),
    })),
  },
}));

/** As the STAC file extension has them: the checksum is a multihash in hex, of code 0xd5 and 16 bytes. */
function fileFacts(object: StoredObject | undefined): Record<string, unknown> {
  if (!object) return {};
  const md5 = Buffer.from(object.md5, 'base64').toString('hex');
  return { 'file:size': object.size_bytes, 'file:checksum': `d50110${md5}` };
}

const assetDownload = handle(items.assetDownload, (input, call) => {
  const { store, settings } = call.context;
  const assets = assetsOf(store.state, findItem(store.state, input.item_id));
  const asset = assets.find((candidate) => isNamed(candidate, input.asset_id, settings.assetIds));
  if (!asset) throw notFound('Asset');
  return { json: downloadDescriptor(call, asset) };
});

export const itemOperations: OperationHandlers = {
  ...list,
  ...get,
  ...listAssets,
  ...assetDownload,
};

/** @throws ProblemError 404 */
export function findItem(state: StoredState, id: string): Item {
  const item = state.items.find((candidate) => candidate.id === id);
  if (!item) throw notFound('Item');
  return item;
}

export function assetsOf(state: StoredState, item: Item): Asset[] {
  return state.assets.filter((asset) => asset.item_id === item.id);
}

/** Documents call `asset_id` the key and the record id by turns; a setting takes a side. */
function isNamed(asset: Asset, id: string, accepted: Settings['assetIds']): boolean {
  return asset.id === id || (accepted === 'key' && asset.key === id);
}

/** What the API shows of an asset: all but where storage keeps it. */
function assetRecord({ object_path: _hidden, ...shown }: Asset): Omit<Asset, 'object_path'> {
  return shown;
}
