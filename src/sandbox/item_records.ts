import { notFound } from './problems.ts';
import type { Settings } from './settings.ts';
import type { Asset, Item, StoredState } from './state_model.ts';

/** @throws ProblemError 404, also for an item that was deleted */
export function findItem(state: StoredState, id: string): Item {
  const item = liveItems(state).find((candidate) => candidate.id === id);
  if (!item) throw notFound('Item');
  return item;
}

/** The items that nobody has deleted. */
export function liveItems(state: StoredState): Item[] {
  return state.items.filter(({ deleted_at }) => deleted_at === null);
}

export function assetsOf(state: StoredState, item: Item): Asset[] {
  return state.assets.filter((asset) => asset.item_id === item.id);
}

/**
 * Documents call `asset_id` the key and the record id by turns; a setting takes a side.
 *
 * @throws ProblemError 404
 */
export function findAsset(
  state: StoredState,
  item: Item,
  assetId: string,
  accepted: Settings['assetIds'],
): Asset {
  const asset = assetsOf(state, item).find(
    ({ id, key }) => id === assetId || (accepted === 'key' && key === assetId),
  );
  if (!asset) throw notFound('Asset');
  return asset;
}

/** What the API shows of an asset: all but where storage keeps it. */
export function assetRecord({ object_path: _hidden, ...shown }: Asset): Omit<Asset, 'object_path'> {
  return shown;
}
