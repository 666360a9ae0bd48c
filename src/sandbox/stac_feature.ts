import { assetRecord, assetsOf } from './item_records.ts';
import type { Item, StoredState } from './state_model.ts';

const STAC_VERSION = '1.0.0';

/**
 * An item as a STAC 1.0.0 feature. Its assets are named without an address: the API hands that out by
 * `items.asset.download` alone.
 */
export function stacFeature(state: StoredState, item: Item, baseUrl = '') {
  const root = baseUrl.replace(/\/+$/, '');
  const { bbox, collection_id, geometry, id } = item;
  return {
    type: 'Feature',
    stac_version: STAC_VERSION,
    stac_extensions: item.stac_extensions,
    id,
    ...(collection_id === null ? {} : { collection: collection_id }),
    geometry,
    ...(bbox === null ? {} : { bbox }),
    properties: {
      ...item.properties,
      title: item.name,
      datetime: item.datetime,
      ...known({
        description: item.description,
        start_datetime: item.start_datetime,
        end_datetime: item.end_datetime,
        'eo:cloud_cover': item.cloud_cover,
        gsd: item.gsd,
      }),
      created: item.created_at,
      updated: item.updated_at,
      'geopera:item_type': item.type,
      'geopera:project_id': item.project_id,
      'geopera:stac_id': item.stac_id,
    },
    assets: Object.fromEntries(assetsOf(state, item).map((asset) => [asset.key, stacAsset(asset)])),
    links: [{ rel: 'self', type: 'application/geo+json', href: `${root}/items/${id}` }],
  };
}

function stacAsset(asset: Parameters<typeof assetRecord>[0]) {
  const { id, title, media_type, roles, size_bytes } = assetRecord(asset);
  return { title, type: media_type, roles, 'file:size': size_bytes, 'geopera:asset_id': id };
}

function known(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}
