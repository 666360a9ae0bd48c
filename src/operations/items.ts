import { z } from 'zod';
import {
  assetId,
  bandExpression,
  baseUrl,
  bbox,
  collectionId,
  colormap,
  datetimeInterval,
  geojsonGeometry,
  id,
  itemId,
  offsetPaging,
  projectId,
  rescale,
  shownBands,
  tileAddress,
} from './fields.ts';
import { asset, DOWNLOAD_URL_KEYS, deleted, featureCollection, item, itemType } from './models.ts';
import { defineOperation, untyped } from './operation.ts';

const oneItem = () => z.object({ item_id: itemId() }).strict();
const oneAsset = () => z.object({ item_id: itemId(), asset_id: assetId() }).strict();

const assetKey = () => z.string().describe('Asset to show, by its key, e.g. visual.');
const profile = () =>
  z.string().describe('Rendering profile of the item, as visualization.profiles.list has them.');

const time = (what: string) => z.string().describe(`${what}, as 2024-03-01T10:30:00Z.`);

/** What both the writes of an item's record may say of it. */
const itemFacts = () => ({
  collection_id: z.string().nullish().describe('Collection of its project to put it into.'),
  geometry: geojsonGeometry().nullish(),
  bbox: bbox().nullish(),
  datetime: time('Time of capture').nullish(),
  cloud_cover: z.number().nullish().describe('Share of clouds in percent, 0 to 100.'),
  gsd: z.number().nullish().describe('Ground sample distance, in metres a pixel.'),
  description: z.string().nullish().describe('What the item shows.'),
});

const itemName = () => z.string().min(1).max(500).describe('Name of the item.');
const itemProperties = () => z.record(z.unknown()).describe('STAC properties, by name.');

/** What narrows and shapes a search, in a project as in the organization. */
const searchTerms = () => ({
  bbox: bbox().nullish(),
  datetime: datetimeInterval().nullish(),
  limit: z.number().int().min(1).max(1000).default(100).describe('Items a page.'),
  offset: z.number().int().min(0).default(0).describe('Items to pass over.'),
  collections: z.array(z.string()).nullish().describe('Only items of these collections, by id.'),
  type: itemType().nullish().describe('Only items of this kind.'),
  query: z
    .record(z.unknown())
    .nullish()
    .describe('Tests of properties, as STAC has them, e.g. {"eo:cloud_cover":{"lt":20}}.'),
  sortby: z
    .array(z.record(z.string()))
    .nullish()
    .describe('Order, e.g. [{"field":"datetime","direction":"desc"}].'),
  format: z.string().nullish().describe('Write stac to get whole STAC features.'),
  base_url: baseUrl().nullish(),
});

export const items = {
  list: defineOperation({
    id: 'items.list',
    scope: 'items:read',
    effect: 'read',
    summary:
      'List the items of a project, a page at a time. A page shorter than limit is the last one.',
    keywords:
      'scenes images rasters layers data contents browse show everything holds loose unsorted uncollected files',
    input: () =>
      z
        .object({
          project_id: id('Project to list.'),
          collection_id: z.string().nullish().describe('Only items of this collection.'),
          uncollected: z.boolean().default(false).describe('Only items in no collection.'),
          ...offsetPaging(100),
        })
        .strict(),
    output: untyped,
  }),

  listByCollection: defineOperation({
    id: 'items.list_by_collection',
    scope: 'items:read',
    effect: 'read',
    summary:
      'List the items of a collection, a page at a time. A page shorter than limit is the last one.',
    keywords:
      'scenes images layers folder group contents inside browse show holds everything contains files',
    input: () => z.object({ collection_id: collectionId(), ...offsetPaging(100) }).strict(),
    output: untyped,
  }),

  search: defineOperation({
    id: 'items.search',
    scope: 'items:read',
    effect: 'read',
    summary: 'Search the items of one project by area, time, kind, collection or properties.',
    keywords:
      'find filter query scenes images bounding box date cloudy cover near captured between since resolution taken sensor',
    input: () => z.object({ project_id: projectId(), ...searchTerms() }).strict(),
    output: featureCollection,
  }),

  searchOrg: defineOperation({
    id: 'items.search_org',
    scope: 'items:read',
    effect: 'read',
    summary:
      'Search the items of all projects of the organization by area, time, kind or properties. It needs no project id, and its hits show which there are.',
    keywords:
      'find filter query everywhere anywhere scenes images across company bounding box date holdings near location',
    input: () => z.object(searchTerms()).strict(),
    output: featureCollection,
  }),

  get: defineOperation({
    id: 'items.get',
    scope: 'items:read',
    effect: 'read',
    summary: 'Read one item: geometry, bbox, time, properties and which upload or job made it.',
    keywords:
      'details metadata show scene image look up record describe footprint acquired taken date extent facts cloud cover size know',
    input: oneItem,
    output: () => z.object({ item: z.record(z.unknown()) }).passthrough(),
  }),

  getStac: defineOperation({
    id: 'items.get_stac',
    scope: 'items:read',
    effect: 'read',
    summary: 'Read one item in the form of a full STAC Feature, with its assets and links in it.',
    keywords: 'geojson export metadata standard interoperable scene pystac json complete download',
    input: () => z.object({ item_id: itemId(), base_url: baseUrl().nullish() }).strict(),
    output: untyped,
  }),

  lineage: defineOperation({
    id: 'items.lineage',
    scope: 'items:read',
    effect: 'read',
    summary: 'Show which items one was made from, and which were made from it.',
    keywords:
      'parents children ancestors descendants derived source origin history provenance tree result',
    input: oneItem,
    output: untyped,
  }),

  listAssets: defineOperation({
    id: 'items.list_assets',
    scope: 'items:read',
    effect: 'read',
    summary: 'List the assets (files) of an item with their ids, keys, sizes and media types.',
    keywords: 'bands rasters contents geotiff scene checksum consist tif tiff cog belong download',
    input: oneItem,
    output: untyped,
  }),

  assetDownload: defineOperation({
    id: 'items.asset.download',
    scope: 'items:read',
    effect: 'share_export',
    repeatable: true,
    secrets: DOWNLOAD_URL_KEYS,
    summary:
      'Get a short-lived download URL for one asset of an item. This moves no bytes; where there is a tool that downloads to a path, it saves the file. The URL is a secret and fetching it counts as egress.',
    keywords:
      'export geotiff signed link retrieve raster imagery data original multispectral ortho full resolution tiff',
    input: oneAsset,
    output: untyped,
  }),

  create: defineOperation({
    id: 'items.create',
    scope: 'items:write',
    effect: 'compute',
    idempotencyKey: true,
    summary:
      'Register an item in a project by its facts alone. It brings no file: to add imagery upload it, which makes the item too.',
    keywords:
      'new record scene metadata catalogue entry external reference host elsewhere server bucket pointer',
    input: () =>
      z
        .object({
          project_id: projectId(),
          name: itemName(),
          type: itemType().describe('Kind of item.'),
          stac_id: z.string().nullish().describe('Id in STAC answers, if it has one of its own.'),
          ...itemFacts(),
          start_datetime: time('Start of a capture that took long').nullish(),
          end_datetime: time('End of a capture that took long').nullish(),
          properties: itemProperties().optional(),
          stac_extensions: z
            .array(z.string())
            .optional()
            .describe('URLs of the STAC extensions that its properties use.'),
          order_id: z.string().nullish().describe('Order that delivered it.'),
          upload_id: z.string().nullish().describe('Upload session that brought it.'),
          job_id: z.string().nullish().describe('Job that made it.'),
        })
        .strict(),
    output: item,
  }),

  update: defineOperation({
    id: 'items.update',
    scope: 'items:write',
    effect: 'compute',
    summary:
      'Change the name, collection, footprint, time, properties or lifecycle state of an item. What is left out stays as it is.',
    keywords:
      'edit rename title move modify archive hide metadata scene folder restore correct wrong fix date cloud cover tags',
    input: () =>
      z
        .object({
          item_id: itemId(),
          name: itemName().nullish(),
          ...itemFacts(),
          properties: itemProperties().nullish(),
          // To set one of the other states would remove it, and that is for items.delete, which asks.
          lifecycle_state: z
            .enum(['active', 'archived'])
            .nullish()
            .describe('State to bring it to; items.delete deletes.'),
        })
        .strict(),
    output: item,
  }),

  duplicate: defineOperation({
    id: 'items.duplicate',
    scope: 'items:write',
    effect: 'compute',
    idempotencyKey: true,
    // It copies the files first.
    answerSeconds: 600,
    summary:
      'Copy an item, its assets and its rendering profiles, also to another collection or project.',
    keywords: 'clone replicate second version scene files styles backup twice',
    input: () =>
      z
        .object({
          item_id: itemId(),
          new_name: z.string().nullish().describe('Name of the copy.'),
          target_collection_id: z.string().nullish().describe('Collection for the copy.'),
          target_project_id: z.string().nullish().describe('Project for the copy, if another.'),
        })
        .strict(),
    output: item,
  }),

  delete: defineOperation({
    id: 'items.delete',
    scope: 'items:write',
    effect: 'destructive',
    summary:
      'Delete an item softly: Geopera marks its record as deleted. It needs the editor or admin role in the project; no operation is known to bring the item back.',
    keywords: 'remove erase throw away scene image layer trash discard useless wrong unwanted file',
    input: oneItem,
    output: deleted,
  }),

  detectAssetBands: defineOperation({
    id: 'items.detect_asset_bands',
    scope: 'items:read',
    effect: 'read',
    summary:
      'Guess the band names of a raster asset from its pixel statistics. It changes nothing: items.set_asset_band_names does.',
    keywords:
      'identify recognize red green blue nir channel suggest automatic work out unknown unlabelled order multispectral infrared',
    input: oneAsset,
    output: () =>
      z
        .object({
          suggested_band_names: z.array(z.unknown()).optional(),
          current_band_names: z.array(z.unknown()).optional(),
          method: z.string().optional(),
        })
        .passthrough(),
  }),

  setAssetBandNames: defineOperation({
    id: 'items.set_asset_band_names',
    scope: 'items:write',
    effect: 'compute',
    summary: 'Name the bands of a raster asset, all of them and in their order.',
    keywords:
      'rename label channels red green blue nir correct edit multispectral infrared assign wrong tell',
    input: () =>
      oneAsset()
        .extend({
          band_names: z.array(z.string()).describe('Names from band 1 on, e.g. ["red","green"].'),
        })
        .strict(),
    output: asset,
  }),

  tileRender: defineOperation({
    id: 'items.tile.render',
    scope: 'items:read',
    effect: 'read',
    response: 'image',
    summary:
      'Render one map tile of an item as an image, by a rendering profile or by bands, expression and stretch given here.',
    keywords: 'picture preview view draw display xyz look webp png ndvi composite',
    input: () =>
      z
        .object({
          item_id: itemId(),
          ...tileAddress(),
          format: z.string().default('webp').describe('Image format, e.g. webp or png.'),
          profile: profile().nullish(),
          asset_key: assetKey().nullish(),
          expression: bandExpression().nullish(),
          bands: shownBands().nullish(),
          rescale: rescale().nullish(),
          colormap: colormap().nullish(),
          quality: z.number().int().default(82).describe('Quality of the compression, to 100.'),
        })
        .strict(),
    output: untyped,
  }),

  tileTilejson: defineOperation({
    id: 'items.tile.tilejson',
    scope: 'items:read',
    effect: 'read',
    summary:
      'Get the TileJSON of an item: where its map tiles are, their bounds and their zoom levels.',
    keywords:
      'web layer leaflet maplibre mapbox xyz template embed view url openlayers browser website put',
    input: () =>
      z
        .object({
          item_id: itemId(),
          profile: profile().nullish(),
          asset_key: assetKey().nullish(),
        })
        .strict(),
    output: untyped,
  }),

  tileStatistics: defineOperation({
    id: 'items.tile.statistics',
    scope: 'items:read',
    effect: 'read',
    summary:
      'Get the percentiles of an expression over a whole item. The 2nd and the 98th are a good rescale for its tiles.',
    keywords:
      'minimum maximum range contrast stretch histogram values ndvi band math low high limits',
    input: () =>
      z
        .object({
          item_id: itemId(),
          expression: bandExpression(),
          asset_key: assetKey().nullish(),
          profile: profile().nullish(),
        })
        .strict(),
    output: untyped,
  }),

  tileWmtsCapabilities: defineOperation({
    id: 'items.tile.wmts_capabilities',
    scope: 'items:read',
    effect: 'read',
    response: 'xml',
    summary: 'Get the WMTS capabilities (XML) of an item, by which a GIS adds it as a layer.',
    keywords: 'qgis arcgis ogc service getcapabilities desktop connect map url',
    input: () =>
      z
        .object({
          item_id: itemId(),
          base_url: baseUrl(),
          key: z
            .string()
            .default('')
            .describe('Key for the tile addresses; whoever reads the answer may see it.'),
          profile: profile().nullish(),
        })
        .strict(),
    output: untyped,
  }),

  tileWmtsGetTile: defineOperation({
    id: 'items.tile.wmts_get_tile',
    scope: 'items:read',
    effect: 'read',
    response: 'image',
    summary:
      'Render one map tile of an item as its WMTS layer shows it. To choose bands or colours use items.tile.render.',
    keywords: 'ogc gis picture preview qgis arcgis xyz view standard fetch',
    input: () =>
      z.object({ item_id: itemId(), ...tileAddress(), profile: profile().nullish() }).strict(),
    output: untyped,
  }),
};
