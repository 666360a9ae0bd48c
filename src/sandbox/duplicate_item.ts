import type { SandboxContext } from './context.ts';
import { newId } from './initial_state.ts';
import { assetsOf } from './item_records.ts';
import { requireQuota } from './quota.ts';
import type { Asset, Item, Principal } from './state_model.ts';

/** Where a copy goes and what it is called. */
export interface CopyTarget {
  readonly projectId: string;
  readonly collectionId: string | null;
  readonly name: string;
  readonly owner: Principal;
}

/**
 * Copies an item with its files.
 *
 * @throws ProblemError 402 if the files do not fit the quota once more
 */
export async function duplicateItem(
  context: SandboxContext,
  item: Item,
  target: CopyTarget,
): Promise<Item> {
  const { state } = context.store;
  const assets = assetsOf(state, item);
  const bytes = assets.reduce((total, { size_bytes }) => total + size_bytes, 0);
  requireQuota(state, context.settings.quotaBytes, bytes);
  const now = context.settings.now().toISOString();
  const id = newId('it');
  const copies = [];
  for (const asset of assets) copies.push(await copyAsset(context, asset, id, now));
  const copy: Item = {
    ...structuredClone(item),
    id,
    stac_id: `${item.stac_id}-copy-${id.slice(-6)}`,
    project_id: target.projectId,
    collection_id: target.collectionId,
    name: target.name,
    duplicated_from_id: item.id,
    created_by: target.owner.id,
    created_at: now,
    updated_at: now,
  };
  state.items.push(copy);
  state.assets.push(...copies);
  return copy;
}

async function copyAsset(
  { objects }: SandboxContext,
  asset: Asset,
  itemId: string,
  now: string,
): Promise<Asset> {
  const path = `copies/${itemId}/${asset.key}/${asset.file_name}`;
  const source = objects.find(asset.object_path);
  if (source) {
    await objects.write(path, source.content_type, objects.read(source, 0, source.size_bytes - 1));
  }
  return {
    ...structuredClone(asset),
    id: newId('as'),
    item_id: itemId,
    object_path: path,
    created_at: now,
  };
}
