import { z } from 'zod';
import { baseUrl, bbox, datetimeInterval, geojsonGeometry } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

const sortClause = () =>
  z
    .object({
      field: z.string().describe('Property to sort by, e.g. datetime.'),
      direction: z.string().default('asc').describe('Either asc or desc.'),
    })
    .strict();

export const stac = {
  collectionsList: defineOperation({
    id: 'stac.collections.list',
    scope: 'items:read',
    effect: 'read',
    summary:
      'List the STAC collections of the organization. Their ids are what the collections filter of stac.search takes.',
    keywords: 'catalogue datasets layers groups spatiotemporal overview browse pystac standard',
    input: () => z.object({ base_url: baseUrl().default('') }).strict(),
    output: untyped,
  }),

  search: defineOperation({
    id: 'stac.search',
    scope: 'items:read',
    effect: 'read',
    summary:
      "Search the organization's own items the STAC way: CQL2 filter, area, time, collections or ids. For imagery that is yet to be bought use catalog.search.",
    keywords:
      'find query footprint intersects bounding box polygon cross-collection pystac language spatial properties gsd cloud cover eo',
    input: () =>
      z
        .object({
          base_url: baseUrl().default(''),
          collections: z
            .array(z.string())
            .nullish()
            .describe('Only these STAC collections, by id.'),
          ids: z.array(z.string()).nullish().describe('Only these STAC item ids.'),
          datetime: datetimeInterval().nullish(),
          sortby: z.array(sortClause()).nullish().describe('Order of the hits, first rule first.'),
          limit: z.number().int().min(1).max(10000).default(10).describe('Items a page.'),
          page: z.number().int().min(0).default(0).describe('Page, from 0.'),
          filter: z
            .record(z.unknown())
            .nullish()
            .describe('CQL2, e.g. {"op":"<","args":[{"property":"eo:cloud_cover"},20]}.'),
          'filter-lang': z
            .string()
            .nullable()
            .default('cql2-json')
            .describe('Language of the filter.'),
          bbox: bbox().nullish(),
          intersects: geojsonGeometry().nullish(),
        })
        .strict(),
    output: untyped,
  }),
};
