import { z } from 'zod';
import { sizedPages } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

/** As `sortOrder` of the shared fields, but these lists also take null. */
const sort = (order: string) =>
  z
    .string()
    .nullable()
    .default(order)
    .describe('Field and direction, as name,asc or createdAt,desc.');

export const glossary = {
  collectionsList: defineOperation({
    id: 'glossary.collections.list',
    scope: 'catalog:read',
    effect: 'read',
    summary:
      'List the collections of imagery on sale: satellites and archives that the catalogue can be searched for. These are not the collections that group the items of a project.',
    keywords:
      'sensors constellations available sources buy offer browse pleiades worldview datasets marketplace optical radar elevation',
    input: () =>
      z
        .object({
          integrations: z.string().nullish().describe('Only those with this integration.'),
          type: z.string().nullish().describe('Only those of this type.'),
          ...sizedPages(10),
          sort: sort('createdAt,desc'),
        })
        .strict(),
    output: untyped,
  }),

  collectionsGet: defineOperation({
    id: 'glossary.collections.get',
    scope: 'catalog:read',
    effect: 'read',
    summary:
      'Read what is known of one collection of imagery on sale, by its name: sensor, provider, what it offers.',
    keywords:
      'satellite constellation details resolution describe archive specification tell dataset marketplace pleiades',
    input: () =>
      z
        .object({
          collection_name: z
            .string()
            .describe('Name of the collection, from glossary.collections.list.'),
        })
        .strict(),
    output: untyped,
  }),

  dataProductsList: defineOperation({
    id: 'glossary.data_products.list',
    scope: 'catalog:read',
    effect: 'read',
    summary:
      'List the data products that can be ordered: each a kind of delivery of some collection of imagery.',
    keywords:
      'available buy offers options purchase analytic visual types tasking marketplace sale',
    input: () =>
      z
        .object({
          dataProductId: z.string().nullish().describe('Only the product of this id.'),
          ...sizedPages(10),
          sort: sort('createdAt,desc'),
        })
        .strict(),
    output: untyped,
  }),

  dataProductsGet: defineOperation({
    id: 'glossary.data_products.get',
    scope: 'catalog:read',
    effect: 'read',
    summary: 'Read what is known of one data product that can be ordered, by its name.',
    keywords: 'buy offer details describe purchase option specification tell marketplace',
    input: () =>
      z
        .object({
          data_product_name: z
            .string()
            .describe('Name of the product, from glossary.data_products.list.'),
        })
        .strict(),
    output: untyped,
  }),

  providersList: defineOperation({
    id: 'glossary.providers.list',
    scope: 'catalog:read',
    effect: 'read',
    summary:
      'List the companies behind the imagery on sale: producers, who take it, and hosts, whose catalogues are searched.',
    keywords:
      'vendors suppliers operators satellite sellers sells marketplace manufacturers airbus maxar planet produce makes',
    input: () =>
      z
        .object({
          ...sizedPages(10),
          sort: sort('name,desc'),
          role: z.string().nullish().describe('Only these: PRODUCER or HOST.'),
        })
        .strict(),
    output: untyped,
  }),

  providersGet: defineOperation({
    id: 'glossary.providers.get',
    scope: 'catalog:read',
    effect: 'read',
    summary: 'Read what is known of one producer or host of imagery, by its name.',
    keywords:
      'vendor supplier company operator details describe tell marketplace information airbus maxar planet',
    input: () =>
      z
        .object({
          provider_name: z.string().describe('Name of the provider, from glossary.providers.list.'),
        })
        .strict(),
    output: untyped,
  }),
};
