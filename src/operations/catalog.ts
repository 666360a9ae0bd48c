import { z } from 'zod';
import {
  bandExpression,
  bbox,
  colormap,
  datetimeInterval,
  geojsonGeometry,
  id,
  offsetPaging,
  rescale,
  tileAddress,
} from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

const hostName = () =>
  z.string().describe('Host, from catalog.vendors.list, e.g. earthsearch-aws.');
const sceneId = (what: string) => id(`Id of the ${what}.`);
const sampleProvider = () => z.string().describe('Provider, from catalog.providers.list.');

/** Open: the OpenAPI spells its keys in capitals, the guide on ordering writes `lte`. */
const range = () =>
  z
    .object({
      GT: z.number().nullish().describe('More than this.'),
      GTE: z.number().nullish().describe('This or more.'),
      LT: z.number().nullish().describe('Less than this.'),
      LTE: z.number().nullish().describe('This or less.'),
    })
    .passthrough();

/** What every search of the catalogue can be narrowed by. */
const filters = () => ({
  collections: z
    .array(z.string())
    .nullish()
    .describe('Only these STAC collections, e.g. sentinel-2-l2a.'),
  ids: z.array(z.string()).nullish().describe('Only these captures, by id.'),
  datetime: datetimeInterval().nullish(),
  query: z
    .record(range())
    .nullish()
    .describe('Ranges of properties, e.g. {"cloudCoverage":{"LTE":20}}.'),
  bbox: bbox().nullish(),
  intersects: geojsonGeometry().nullish(),
  full_catalog: z.boolean().nullish().describe('True to search the whole catalogue.'),
});

const capturesAPage = () => z.number().int().min(1).max(500).default(100);

/** The published model is open and names no member; the guides show a GeoJSON FeatureCollection. */
const captures = () => z.object({}).passthrough();

const capturesOfSources = () =>
  z
    .object({
      type: z.string().optional(),
      features: z.array(z.unknown()).optional(),
      numberReturned: z.number().int().optional(),
      sources: z.array(searchedSource()).optional(),
    })
    .passthrough();

const searchedSource = () =>
  z
    .object({
      source_id: z.string(),
      title: z.string(),
      count: z.number().int(),
      error: z.string().nullish(),
    })
    .passthrough();

const source = () =>
  z
    .object({
      id: z.string(),
      title: z.string(),
      description: z.string(),
      access_model: z.string(),
      scope: z.string(),
      countries: z.array(z.string()),
      attribution: z.string(),
      license: z.string(),
      collections: z.array(sourceCollection()),
    })
    .passthrough();

const sourceCollection = () =>
  z
    .object({
      id: z.string(),
      title: z.string(),
      data_type: z.string(),
      render_strategy: z.string(),
      access_model: z.string(),
      gsd: z.number().nullish(),
      render_params: z.record(z.unknown()).optional(),
    })
    .passthrough();

/** Each point is longitude, latitude, elevation in metres, and a value. */
const points = () =>
  z
    .object({
      points: z.array(z.array(z.number())).optional(),
      value_label: z.string().optional(),
      value_range: z.array(z.number()).optional(),
      count: z.number().int().optional(),
      returned: z.number().int().optional(),
      subsampled: z.boolean().optional(),
    })
    .passthrough();

const nothing = () => z.object({}).strict();

export const catalog = {
  search: defineOperation({
    id: 'catalog.search',
    scope: 'catalog:read',
    effect: 'read',
    answerSeconds: 120,
    summary:
      'Search the catalogue of one imagery host by area, time and cloud, with prices where it sells. The id and geometry of a hit are what orders.archive.estimate takes.',
    keywords:
      'find scenes satellite images available commercial vendor buy stac airbus maxar planet captures old historical look single',
    input: () =>
      z
        .object({
          host_name: hostName(),
          ...filters(),
          limit: capturesAPage().describe('Captures a page.'),
          next: z.string().nullish().describe('Token of the next page, from the answer before.'),
        })
        .strict(),
    output: captures,
  }),

  federatedSearch: defineOperation({
    id: 'catalog.federated_search',
    scope: 'catalog:read',
    effect: 'read',
    answerSeconds: 180,
    summary:
      'Search all data sources that cover an area at once, free and commercial. Use it while it is not yet known who has the data.',
    keywords:
      'find discover imagery vendors exists anywhere across providers scenes everywhere optical radar sar sentinel paid polygon',
    input: () =>
      z
        .object({
          ...filters(),
          limit: capturesAPage().describe('Most captures to answer.'),
          source_ids: z
            .array(z.string())
            .nullish()
            .describe('Only these sources, by id from catalog.sources.list.'),
          data_types: z
            .array(z.string())
            .nullish()
            .describe('Only these types of data, as in catalog.sources.list.'),
        })
        .strict(),
    output: capturesOfSources,
  }),

  searchStream: defineOperation({
    id: 'catalog.search_stream',
    scope: 'catalog:read',
    effect: 'read',
    response: 'ndjson',
    answerSeconds: 300,
    summary:
      'Search the catalogues of several vendors and get the hits line by line as they come in. For very many hits; catalog.search answers in pages.',
    keywords:
      'find progressive ndjson large bulk everything scenes incremental thousands huge arrive one-by-one',
    // A free-form body: its guides call it a variant of catalog.search, so it is shown the same fields.
    input: () =>
      z
        .object({
          host_name: hostName().nullish(),
          ...filters(),
          limit: z.number().int().min(1).optional().describe('Most captures to answer.'),
        })
        .passthrough(),
    output: untyped,
  }),

  sourcesList: defineOperation({
    id: 'catalog.sources.list',
    scope: 'catalog:read',
    effect: 'read',
    summary: 'List the data sources that can be searched, with their collections and licences.',
    keywords:
      'datasets registry available providers free open attribution sentinel landsat public searchable',
    input: () =>
      z
        .object({
          data_type: z.string().nullish().describe('Only sources with this type of data.'),
          scope: z
            .string()
            .nullish()
            .describe('Only sources of this scope, as the answer says it.'),
          country: z.string().nullish().describe('Only sources that cover this country.'),
        })
        .strict(),
    output: () => z.object({ sources: z.array(source()) }).passthrough(),
  }),

  vendorsList: defineOperation({
    id: 'catalog.vendors.list',
    scope: 'catalog:read',
    effect: 'read',
    summary: 'List imagery vendors with the host_name by which catalog.search knows each.',
    keywords:
      'providers companies sellers commercial identifiers available maxar airbus planet resellers',
    input: nothing,
    output: untyped,
  }),

  imageQuicklook: defineOperation({
    id: 'catalog.image.quicklook',
    scope: 'catalog:read',
    effect: 'read',
    response: 'redirect',
    summary: 'Get the address of the preview image of a capture, before it is bought.',
    keywords: 'picture look see browse show scene large visual check purchase',
    input: () => z.object({ host_name: hostName(), image_id: id('Capture id.') }).strict(),
    output: untyped,
  }),

  imageThumbnail: defineOperation({
    id: 'catalog.image.thumbnail',
    scope: 'catalog:read',
    effect: 'read',
    response: 'redirect',
    summary: 'Get the address of the small thumbnail image of a capture.',
    keywords: 'picture icon preview see show scene tiny mini hit result',
    input: () => z.object({ host_name: hostName(), image_id: id('Capture id.') }).strict(),
    output: untyped,
  }),

  granulePoints: defineOperation({
    id: 'catalog.granule_points',
    scope: 'catalog:read',
    effect: 'read',
    answerSeconds: 300,
    summary:
      'Extract the 3D points over an area from one granule of GEDI or ICESat-2. Each point is a row of four numbers: keep max_points low to read them.',
    keywords:
      'lidar laser altimetry elevation canopy height cloud spaceborne photons forest tree ground',
    input: () =>
      z
        .object({
          collection: z.string().describe('Collection id, from catalog.sources.list.'),
          href: z.string().describe('HTTPS URL of the .h5 granule, from its STAC item.'),
          bbox: bbox(),
          max_points: z
            .number()
            .int()
            .min(100)
            .max(250000)
            .default(60000)
            .describe('Most points to answer; more are thinned out evenly.'),
          clip_polygon: geojsonGeometry()
            .nullish()
            .describe('GeoJSON Polygon or MultiPolygon in degrees; only points inside it.'),
        })
        .strict(),
    output: points,
  }),

  infoSentinel: defineOperation({
    id: 'catalog.info.sentinel',
    scope: 'tiles:read',
    effect: 'read',
    summary: 'Read the metadata of a Sentinel-2 scene, with the visualizations it can be shown in.',
    keywords: 'details copernicus s2 cog bands free public describe esa date cloud cover',
    input: () => z.object({ scene_id: sceneId('Sentinel-2 scene') }).strict(),
    output: untyped,
  }),

  infoLandsat: defineOperation({
    id: 'catalog.info.landsat',
    scope: 'tiles:read',
    effect: 'read',
    summary: 'Read the metadata of a Landsat scene, with the visualizations it can be shown in.',
    keywords: 'details usgs path row bands free public describe date cloud cover',
    input: () => z.object({ scene_id: sceneId('Landsat scene') }).strict(),
    output: untyped,
  }),

  infoNaip: defineOperation({
    id: 'catalog.info.naip',
    scope: 'tiles:read',
    effect: 'read',
    summary: 'Read the metadata of a NAIP aerial image of the USA.',
    keywords:
      'details airborne orthophoto agriculture free public item date cover describe photo american',
    input: () => z.object({ scene_id: sceneId('NAIP item') }).strict(),
    output: untyped,
  }),

  infoSample: defineOperation({
    id: 'catalog.info.sample',
    scope: 'tiles:read',
    effect: 'read',
    summary: 'Read the metadata of a sample scene: sensor, bands and thumbnail.',
    keywords: 'details demo example test trial provider describe given away free',
    input: () =>
      z.object({ provider: sampleProvider(), scene_id: sceneId('sample scene') }).strict(),
    output: untyped,
  }),

  vizLandsat: defineOperation({
    id: 'catalog.viz.landsat',
    scope: 'tiles:read',
    effect: 'read',
    summary: 'List the visualizations in which catalog.tile.render can show Landsat scenes.',
    keywords:
      'styles composites band combinations true false color ndvi usgs available display ways looks',
    input: nothing,
    output: untyped,
  }),

  vizNaip: defineOperation({
    id: 'catalog.viz.naip',
    scope: 'tiles:read',
    effect: 'read',
    summary: 'List the visualizations in which catalog.tile.render can show NAIP images.',
    keywords:
      'styles composites band combinations true false color ndvi aerial available display ways looks infrared',
    input: nothing,
    output: untyped,
  }),

  providersList: defineOperation({
    id: 'catalog.providers.list',
    scope: 'tiles:read',
    effect: 'read',
    summary: 'List the providers of sample scenes and their sensors.',
    keywords: 'demo example trial test data free satellites companies offer vendors',
    input: nothing,
    output: untyped,
  }),

  providerSamples: defineOperation({
    id: 'catalog.provider.samples',
    scope: 'tiles:read',
    effect: 'read',
    summary: 'List the sample scenes of a provider, a page at a time.',
    keywords: 'demo example trial test images free try company offered vendor',
    input: () => z.object({ provider: sampleProvider(), ...offsetPaging(50) }).strict(),
    output: untyped,
  }),

  tileRender: defineOperation({
    id: 'catalog.tile.render',
    scope: 'tiles:read',
    effect: 'read',
    response: 'image',
    summary:
      'Render a map tile of a public scene: Sentinel-2, Landsat, NAIP or a sample. It is free.',
    keywords:
      'picture image xyz show display draw view visualize web preview usgs aerial copernicus png',
    input: () =>
      z
        .object({
          collection: z.string().describe('Kind of scene: sentinel, landsat, naip or sample.'),
          scene_id: sceneId('scene'),
          visualization: z.string().describe('Visualization, e.g. one of catalog.viz.landsat.'),
          ...tileAddress(),
          format: z.string().describe('Image format, e.g. png.'),
          provider: z.string().nullish().describe('Provider of a sample scene.'),
          quality: z
            .number()
            .int()
            .nullable()
            .default(95)
            .describe('Quality of the compression, up to 100.'),
          aoi_clip: z.string().nullish().describe('Area to cut the tile to, as text.'),
          aoi_clip_body: z
            .record(z.unknown())
            .nullish()
            .describe('Area to cut the tile to, GeoJSON.'),
          expression: bandExpression().nullish(),
          colormap: colormap().nullish(),
          rescale: rescale().nullish(),
        })
        .strict(),
    output: untyped,
  }),
};
