import { items } from '../../operations/items.ts';
import { stac } from '../../operations/stac.ts';
import { liveCollections } from '../collection_records.ts';
import { type ItemQuery, matching } from '../item_query.ts';
import { findItem, liveItems } from '../item_records.ts';
import { type Call, handle, type OperationHandlers, type Outcome } from '../operation_handler.ts';
import { offsetPage, sorted } from '../pages.ts';
import { requireProject } from '../principals.ts';
import { ProblemError } from '../problems.ts';
import { stacFeature } from '../stac_feature.ts';
import type { Item } from '../state_model.ts';

const search = handle(items.search, (input, call) => {
  requireProject(call.context.store.state, input.project_id);
  return found(call, input, ({ project_id }) => project_id === input.project_id);
});

const searchOrg = handle(items.searchOrg, (input, call) => found(call, input, () => true));

/** Pages of STAC searches count from 0. A filter in CQL2 is refused rather than passed over. */
const stacSearch = handle(stac.search, (input, { context: { store } }) => {
  if (input.filter !== undefined) throw notRead('filter');
  const { state } = store;
  const hits = inOrder(matching(liveItems(state), input), input.sortby?.[0]);
  const features = hits
    .slice(input.page * input.limit, (input.page + 1) * input.limit)
    .map((item) => stacFeature(state, item, input.base_url));
  const numberReturned = features.length;
  return {
    json: { type: 'FeatureCollection', features, numberMatched: hits.length, numberReturned },
  };
});

/** The OpenAPI leaves this answer untyped; `{collections: […]}` is how STAC lists them. */
const stacCollections = handle(stac.collectionsList, (input, { context: { store } }) => ({
  json: {
    collections: liveCollections(store.state).map(({ id, name, description }) => ({
      type: 'Collection',
      stac_version: '1.0.0',
      id,
      title: name,
      description: description ?? name,
      license: 'proprietary',
      extent: { spatial: { bbox: [[-180, -90, 180, 90]] }, temporal: { interval: [[null, null]] } },
      links: [{ rel: 'self', href: `${input.base_url}/collections/${id}` }],
    })),
    links: [],
  },
}));

const getStac = handle(items.getStac, (input, { context: { store } }) => ({
  json: stacFeature(store.state, findItem(store.state, input.item_id), input.base_url),
}));

export const itemSearches: OperationHandlers = {
  ...search,
  ...searchOrg,
  ...stacSearch,
  ...stacCollections,
  ...getStac,
};

type Search = ItemQuery & {
  readonly limit: number;
  readonly offset: number;
  readonly query?: unknown;
  readonly sortby?: readonly Readonly<Record<string, string>>[] | undefined;
  readonly base_url?: string | undefined;
};

function found({ context }: Call, input: Search, among: (item: Item) => boolean): Outcome {
  if (input.query !== undefined) throw notRead('query');
  const { state } = context.store;
  const hits = inOrder(matching(liveItems(state).filter(among), input), input.sortby?.[0]);
  const features = offsetPage(hits, input).map((item) => stacFeature(state, item, input.base_url));
  return { json: { type: 'FeatureCollection', features, numberMatched: hits.length } };
}

/** Sorts by the first clause alone: a member of the item, with or without `properties.` before it. */
function inOrder(
  hits: readonly Item[],
  clause: { readonly field?: string; readonly direction?: string } | undefined,
): readonly Item[] {
  if (clause?.field === undefined) return hits;
  const field = clause.field.replace(/^properties\./, '');
  return sorted(hits, `${field},${clause.direction ?? 'asc'}`);
}

function notRead(member: string): ProblemError {
  return new ProblemError(422, `the sandbox does not read '${member}' of a search`);
}
