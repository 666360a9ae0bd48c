import { liveItems } from './item_records.ts';
import { notFound } from './problems.ts';
import type { Collection } from './project_records.ts';
import type { StoredState } from './state_model.ts';

/** The collections that nobody has deleted. */
export function liveCollections(state: StoredState): Collection[] {
  return state.collections.filter(({ deleted_at }) => deleted_at === null);
}

/** @throws ProblemError 404, also for a collection of another project */
export function findCollection(state: StoredState, projectId: string, id: string): Collection {
  const collection = liveCollections(state).find((candidate) => candidate.id === id);
  if (collection?.project_id !== projectId) throw notFound('Collection');
  return collection;
}

/** What the API shows of a collection. */
export function collectionRecord(state: StoredState, collection: Collection) {
  const inside = liveItems(state).filter(({ collection_id }) => collection_id === collection.id);
  return {
    ...collection,
    auto_created: false,
    source_type: null,
    source_id: null,
    item_count: inside.length,
  };
}
