import type { SandboxContext } from './context.ts';
import { assetsOf } from './item_records.ts';
import type { Asset, Item } from './state_model.ts';

/** Removes an asset with its file, whose bytes no longer count. */
export async function removeAsset({ store, objects }: SandboxContext, asset: Asset): Promise<void> {
  await objects.remove(asset.object_path);
  store.state.assets = store.state.assets.filter((candidate) => candidate !== asset);
}

/** Hides an item for good. Its record stays, as it does at the API; its files go. */
export async function removeItem(context: SandboxContext, item: Item): Promise<void> {
  for (const asset of assetsOf(context.store.state, item)) await removeAsset(context, asset);
  item.lifecycle_state = 'deleted';
  item.deleted_at = context.settings.now().toISOString();
}
