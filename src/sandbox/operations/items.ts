import { z } from 'zod';
import { items } from '../../operations/items.ts';
import { downloadDescriptor } from '../download_urls.ts';
import { assetRecord, assetsOf, findAsset, findItem, liveItems } from '../item_records.ts';
import { handle, type OperationHandlers } from '../operation_handler.ts';
import { offsetPage } from '../pages.ts';
import { requireProject } from '../principals.ts';
import type { Item, StoredObject, StoredState } from '../state_model.ts';

/** The OpenAPI leaves this answer untyped; `{items: […]}` is our reading. */
const list = handle(items.list, (input, { context: { store } }) => {
  requireProject(store.state, input.project_id);
  const matching = liveItems(store.state).filter(
    (item) =>
      item.project_id === input.project_id &&
      (input.collection_id === undefined || item.collection_id === input.collection_id) &&
      (!input.uncollected || item.collection_id === null),
  );
  return { json: { items: offsetPage(matching, input) } };
});

const listByCollection = handle(items.listByCollection, (input, { context: { store } }) => {
  const matching = liveItems(store.state).filter(
    ({ collection_id }) => collection_id === input.collection_id,
  );
  return { json: { items: offsetPage(matching, input) } };
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
  const item = findItem(store.state, input.item_id);
  const asset = findAsset(store.state, item, input.asset_id, settings.assetIds);
  return { json: downloadDescriptor(call, asset) };
});

/** Names as they are: the sandbox does not guess. */
const detectBands = handle(items.detectAssetBands, (input, { context }) => {
  const { state } = context.store;
  const item = findItem(state, input.item_id);
  const { bands } = findAsset(state, item, input.asset_id, context.settings.assetIds);
  const names = bands.map((band, index) => named.safeParse(band).data?.name ?? `b${index + 1}`);
  return {
    json: { suggested_band_names: names, current_band_names: names, method: 'none' },
  };
});

const named = z.object({ name: z.string() });

/** No document shows the tree; parents and children by id, type and name are our reading. */
const lineage = handle(items.lineage, (input, { context: { store } }) => {
  const item = findItem(store.state, input.item_id);
  const others = liveItems(store.state);
  const parents = others.filter(({ id }) => parentsOf(store.state, item).includes(id));
  const children = others.filter((other) => parentsOf(store.state, other).includes(item.id));
  return {
    json: { item_id: item.id, parents: parents.map(brief), children: children.map(brief) },
  };
});

function parentsOf({ clip_jobs, processing_jobs }: StoredState, item: Item): unknown[] {
  return [
    item.duplicated_from_id,
    clip_jobs.find(({ id }) => id === item.job_id)?.source_item_id,
    processing_jobs.find(({ id }) => id === item.job_id)?.inputs['item_id'],
  ];
}

function brief({ id, type, name }: Item) {
  return { id, type, name };
}

export const itemOperations: OperationHandlers = {
  ...list,
  ...listByCollection,
  ...get,
  ...listAssets,
  ...assetDownload,
  ...detectBands,
  ...lineage,
};
