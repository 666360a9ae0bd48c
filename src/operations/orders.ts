import { z } from 'zod';
import { estimatedBy } from './estimated_by.ts';
import { geojsonGeometry, id, sizedPages, sortOrder, workspaceId } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';
import {
  dataProduct,
  orderedAreas,
  orderId,
  orderName,
  orderParams,
  tags,
} from './order_fields.ts';

const splitByDate = () => z.boolean().describe('True to group the captures by their date.');

/** A hit of a catalogue search, as the API's ordering guide passes it on. */
const capture = () =>
  z
    .object({
      id: id('Capture id, from the search.'),
      geometry: geojsonGeometry(),
    })
    .passthrough();

const archivePrice = () =>
  z
    .object({
      groups: z.array(z.record(z.unknown())).optional(),
      errors: z.array(z.record(z.unknown())).optional(),
      total_aud: z.number().optional(),
      total_credits: z.number().int().optional(),
    })
    .passthrough();

const cancelled = () => z.object({ orderId: z.string(), status: z.string() }).passthrough();

/** The published models are open and name no member. */
const anyAnswer = () => z.object({}).passthrough();

/** What is ordered, and priced before. */
const orderTerms = () => ({
  dataProduct: dataProduct(),
  displayName: orderName().default(''),
  params: orderParams().optional(),
  featureCollection: orderedAreas().optional(),
  tags: tags().nullish().describe('Tags of the order.'),
});

export const orders = {
  archiveEstimate: defineOperation({
    id: 'orders.archive.estimate',
    scope: 'orders:read',
    effect: 'read',
    summary:
      'Price a cart of captures from the archive, in credits and Australian dollars. Nothing is bought; orders.archive.place takes the same captures.',
    keywords:
      'cost how much quote preview fee scenes purchase budget expensive old historical total check',
    input: () =>
      z
        .object({
          captures: z
            .array(z.record(z.unknown()))
            .optional()
            .describe('Captures to price, each with the id and geometry of a search hit.'),
          splitByDate: splitByDate().nullable().default(false),
        })
        .strict(),
    output: archivePrice,
  }),

  archivePlace: defineOperation({
    id: 'orders.archive.place',
    scope: 'orders:write',
    effect: 'external_spend',
    answerSeconds: 120,
    summary:
      'Buy captures from the archive, as catalog.search found them. It reserves credits: price the same captures with orders.archive.estimate first, then follow the order with orders.get.',
    keywords:
      'purchase imagery scene cart checkout acquire historical satellite photo old existing already past',
    estimate: estimatedBy('orders.archive.estimate', 'captures', 'splitByDate'),
    // A free-form body: its guide on ordering shows the captures, its estimate takes these two.
    input: () =>
      z
        .object({
          captures: z
            .array(capture())
            .min(1)
            .describe('Captures to buy, each with the id and geometry of a search hit.'),
          splitByDate: splitByDate().nullish(),
        })
        .passthrough(),
    output: untyped,
  }),

  estimate: defineOperation({
    id: 'orders.estimate',
    scope: 'items:read',
    effect: 'read',
    summary:
      'Price an order of a data product over areas. Nothing is bought; orders.place takes the same order. For captures of a search use orders.archive.estimate.',
    keywords:
      'cost how much quote preview fee credits provider featurecollection budget expensive total',
    input: () =>
      z
        .object({
          ...orderTerms(),
        })
        .strict(),
    output: untyped,
  }),

  place: defineOperation({
    id: 'orders.place',
    scope: 'orders:write',
    effect: 'external_spend',
    answerSeconds: 120,
    summary:
      'Order a data product over areas. Archive products reserve credits, tasking ones go to feasibility first; price it with orders.estimate, and learn params from orders.get_schema.',
    keywords:
      'buy purchase imagery provider native compatible format featurecollection request acquire',
    estimate: estimatedBy(
      'orders.estimate',
      'dataProduct',
      'displayName',
      'params',
      'featureCollection',
      'tags',
    ),
    input: () =>
      z
        .object({
          workspaceId: workspaceId(),
          ...orderTerms(),
        })
        .strict(),
    output: anyAnswer,
  }),

  getSchema: defineOperation({
    id: 'orders.get_schema',
    scope: 'items:read',
    effect: 'read',
    summary: 'Get the order form of a data product: the params that an order of it takes.',
    keywords: 'parameters options fields required settings json configuration fill needed',
    input: () => z.object({ data_product_id: dataProduct() }).strict(),
    output: untyped,
  }),

  list: defineOperation({
    id: 'orders.list',
    scope: 'orders:read',
    effect: 'read',
    summary:
      'List the orders of the organization, a page at a time, filtered by state, type, product or tag.',
    keywords: 'history purchases bought past recent status show find pending delivered',
    input: () =>
      z
        .object({
          workspaceId: z.string().nullish().describe('Only orders of this project.'),
          type: z.string().nullish().describe('Only this type: ARCHIVE or TASKING.'),
          status: z.string().nullish().describe('Only orders in this state, e.g. FULFILLED.'),
          subStatus: z.string().nullish().describe('Only tasking orders in this finer state.'),
          displayName: z.string().nullish().describe('Only orders with this in their name.'),
          dataProductIds: z
            .string()
            .nullish()
            .describe('Only orders of these data products: ids, by commas.'),
          orderIds: z.string().nullish().describe('Only these orders: ids, by commas.'),
          tags: z.string().nullish().describe('Only orders with one of these tags, by commas.'),
          ...sizedPages(20),
          sort: sortOrder('createdAt,desc'),
        })
        .strict(),
    output: untyped,
  }),

  get: defineOperation({
    id: 'orders.get',
    scope: 'orders:read',
    effect: 'read',
    summary: 'Read one order by its id, with the state it is in.',
    keywords:
      'status progress track details delivered fulfilled check purchase follow arrived stand',
    input: () => z.object({ order_id: orderId() }).strict(),
    output: untyped,
  }),

  listAssets: defineOperation({
    id: 'orders.list_assets',
    scope: 'items:read',
    effect: 'read',
    summary:
      'List the items and files that an order has delivered. To save one, download the asset by its item and key.',
    keywords: 'results outputs imagery received deliverables bought came brought',
    input: () => z.object({ order_id: orderId() }).strict(),
    output: untyped,
  }),

  update: defineOperation({
    id: 'orders.update',
    scope: 'orders:write',
    effect: 'compute',
    repeatable: true,
    summary: 'Change the tags of an order; nothing else of it can be changed.',
    keywords: 'label relabel rename edit annotate categorize metadata mark note',
    input: () =>
      z
        .object({
          order_id: orderId(),
          tags: tags().nullish().describe('Tags that the order is to have.'),
        })
        .strict(),
    output: anyAnswer,
  }),

  cancel: defineOperation({
    id: 'orders.cancel',
    scope: 'orders:write',
    effect: 'external_spend',
    summary:
      'Cancel an order as long as its policy allows that; the credits it reserved are given back.',
    keywords:
      'stop abort call off undo refund money void revoke withdraw purchase not want any more',
    input: () => z.object({ order_id: orderId() }).strict(),
    output: cancelled,
  }),
};
