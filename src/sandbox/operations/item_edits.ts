import { assets } from '../../operations/assets.ts';
import { items } from '../../operations/items.ts';
import { boundsOf, polygonAround, readBounds } from '../bounding_box.ts';
import { findCollection } from '../collection_records.ts';
import { readInterval } from '../datetime_interval.ts';
import { duplicateItem } from '../duplicate_item.ts';
import { newItem } from '../ingest.ts';
import { assetRecord, findAsset, findItem } from '../item_records.ts';
import { type Call, handle, type OperationHandlers } from '../operation_handler.ts';
import { requireProjectEditor } from '../principals.ts';
import { removeAsset, removeItem } from '../removal.ts';
import type { Item } from '../state_model.ts';

const create = handle(items.create, async (input, call) => {
  const { store, settings } = call.context;
  requireProjectEditor(store.state, call.principal, input.project_id);
  requireCollection(call, input.project_id, input.collection_id);
  const item: Item = {
    ...newItem(input.project_id, input.name, undefined, settings.now().toISOString()),
    ...input,
    ...placeAndTime(input),
    created_by: call.principal.id,
  };
  store.state.items.push(item);
  await store.save();
  return { json: item };
});

const update = handle(items.update, async ({ item_id, ...changes }, call) => {
  const { store, settings } = call.context;
  const item = editableItem(call, item_id);
  requireCollection(call, item.project_id, changes.collection_id);
  const now = settings.now().toISOString();
  Object.assign(item, changes, placeAndTime(changes), { updated_at: now });
  item.archived_at = item.lifecycle_state === 'archived' ? (item.archived_at ?? now) : null;
  await store.save();
  return { json: item };
});

const remove = handle(items.delete, async (input, call) => {
  const item = editableItem(call, input.item_id);
  await removeItem(call.context, item);
  await call.context.store.save();
  return { json: { ok: true, id: item.id } };
});

const duplicate = handle(items.duplicate, async (input, call) => {
  const { context, principal } = call;
  const item = editableItem(call, input.item_id);
  const projectId = input.target_project_id ?? item.project_id;
  requireProjectEditor(context.store.state, principal, projectId);
  requireCollection(call, projectId, input.target_collection_id);
  const kept = projectId === item.project_id ? item.collection_id : null;
  const copy = await duplicateItem(context, item, {
    projectId,
    collectionId: input.target_collection_id ?? kept,
    name: input.new_name ?? `${item.name} (copy)`,
    owner: principal,
  });
  await context.store.save();
  return { json: copy };
});

const setBandNames = handle(items.setAssetBandNames, async (input, call) => {
  const { store, settings } = call.context;
  const item = editableItem(call, input.item_id);
  const asset = findAsset(store.state, item, input.asset_id, settings.assetIds);
  asset.bands = input.band_names.map((name, index) => ({ ...Object(asset.bands[index]), name }));
  await store.save();
  return { json: assetRecord(asset) };
});

const deleteAsset = handle(assets.delete, async (input, call) => {
  const { store, settings } = call.context;
  const item = editableItem(call, input.item_id);
  const asset = findAsset(store.state, item, input.asset_id, settings.assetIds);
  await removeAsset(call.context, asset);
  await store.save();
  return { json: { id: asset.id } };
});

export const itemEdits: OperationHandlers = {
  ...create,
  ...update,
  ...remove,
  ...duplicate,
  ...setBandNames,
  ...deleteAsset,
};

/** @throws ProblemError 404 or 403 */
function editableItem({ context: { store }, principal }: Call, id: string): Item {
  const item = findItem(store.state, id);
  requireProjectEditor(store.state, principal, item.project_id);
  return item;
}

/** @throws ProblemError 404 for a collection that the project does not have */
function requireCollection({ context: { store } }: Call, projectId: string, id?: string): void {
  if (id !== undefined) findCollection(store.state, projectId, id);
}

interface PlaceAndTime {
  readonly geometry?: unknown;
  readonly bbox?: readonly number[] | undefined;
  readonly datetime?: string | undefined;
}

/**
 * Of a geometry and the box around it, one follows from the other.
 *
 * @throws ProblemError 422 for a place or a time that is none
 */
function placeAndTime({
  geometry,
  bbox,
  datetime,
}: PlaceAndTime): Pick<Partial<Item>, 'geometry' | 'bbox'> {
  if (datetime !== undefined) readInterval(datetime);
  if (bbox === undefined && geometry === undefined) return {};
  const bounds = bbox === undefined ? boundsOf(geometry) : readBounds(bbox);
  return { bbox: [...bounds], geometry: geometry ?? polygonAround(bounds) };
}
