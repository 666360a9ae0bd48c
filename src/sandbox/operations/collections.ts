import { collections } from '../../operations/collections.ts';
import { collectionRecord, findCollection, liveCollections } from '../collection_records.ts';
import { newId } from '../initial_state.ts';
import { handle, type OperationHandlers } from '../operation_handler.ts';
import { requireProject, requireProjectAdmin, requireProjectEditor } from '../principals.ts';

const create = handle(collections.create, async (input, { context, principal }) => {
  const { state } = context.store;
  requireProjectEditor(state, principal, input.project_id);
  const now = context.settings.now().toISOString();
  const collection = {
    ...input,
    id: newId('col'),
    description: input.description ?? null,
    color: input.color ?? null,
    deleted_at: null,
    created_at: now,
    updated_at: now,
  };
  state.collections.push(collection);
  await context.store.save();
  return { json: collectionRecord(state, collection) };
});

/** The OpenAPI leaves this answer untyped; `{collections: […]}` is our reading. */
const list = handle(collections.list, (input, { context: { store } }) => {
  requireProject(store.state, input.project_id);
  const own = liveCollections(store.state)
    .filter(({ project_id }) => project_id === input.project_id)
    .sort((left, right) => left.layer_order - right.layer_order);
  return { json: { collections: own.map((each) => collectionRecord(store.state, each)) } };
});

/** The OpenAPI leaves this answer untyped; `{collection: …}` is our reading. */
const get = handle(collections.get, (input, { context: { store } }) => {
  requireProject(store.state, input.project_id);
  const collection = findCollection(store.state, input.project_id, input.collection_id);
  return { json: { collection: collectionRecord(store.state, collection) } };
});

const update = handle(collections.update, async (input, { context, principal }) => {
  const { state } = context.store;
  const { project_id, collection_id, ...changes } = input;
  requireProjectEditor(state, principal, project_id);
  const collection = findCollection(state, project_id, collection_id);
  Object.assign(collection, changes, { updated_at: context.settings.now().toISOString() });
  await context.store.save();
  return { json: collectionRecord(state, collection) };
});

/** The items of a deleted collection stay, in no collection. */
const remove = handle(collections.delete, async (input, { context, principal }) => {
  const { state } = context.store;
  requireProjectAdmin(state, principal, input.project_id);
  const collection = findCollection(state, input.project_id, input.collection_id);
  collection.deleted_at = context.settings.now().toISOString();
  for (const item of state.items) {
    if (item.collection_id === collection.id) item.collection_id = null;
  }
  await context.store.save();
  return { json: { ok: true, id: collection.id } };
});

export const collectionOperations: OperationHandlers = {
  ...create,
  ...list,
  ...get,
  ...update,
  ...remove,
};
