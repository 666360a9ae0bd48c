import { z } from 'zod';
import { orders } from '../../operations/orders.ts';
import { priceCart, priceOf } from '../archive_prices.ts';
import { parseBody } from '../body_validation.ts';
import { type Bounds, boundsOf } from '../bounding_box.ts';
import { requireCredits, spend } from '../credits.ts';
import { DATA_PRODUCTS, type DataProduct } from '../imagery_market.ts';
import { gridOf } from '../made_up_scenes.ts';
import { type Call, handle, type OperationHandlers } from '../operation_handler.ts';
import { newOrder, type OrderTerms, orderRecord } from '../order_records.ts';
import { requireProjectEditor } from '../principals.ts';
import { notFound, ProblemError } from '../problems.ts';

const archiveEstimate = handle(orders.archiveEstimate, (input, { context: { settings } }) => ({
  json: priceCart(input.captures ?? [], {
    splitByDate: input.splitByDate ?? false,
    now: settings.now(),
  }),
}));

/** A free-form body may name the project by either of the API's words; no guide shows one. */
const projectNamed = z.object({
  project_id: z.string().optional(),
  workspaceId: z.string().optional(),
});

const archivePlace = handle(orders.archivePlace, async (input, call) => {
  const { settings, store } = call.context;
  const [own] = store.state.projects;
  const { project_id, workspaceId } = parseBody(projectNamed, input);
  const splitByDate = input.splitByDate ?? false;
  const cart = priceCart(input.captures, { splitByDate, now: settings.now() });
  const [wrong] = cart.errors;
  if (wrong) throw new ProblemError(422, `${wrong.capture_id ?? 'A capture'}: ${wrong.detail}`);
  const placed = await place(
    call,
    cart.groups.map((group) => ({
      project_id: project_id ?? workspaceId ?? own.id,
      display_name: [group.collection, group.date ?? ''].join(' ').trim(),
      data_product_id: null,
      scene_ids: [...group.capture_ids],
      geometry: null,
      tags: [],
      credits: group.credits,
    })),
  );
  const { total_aud, total_credits } = cart;
  return { json: { orders: placed, total_aud, total_credits } };
});

const estimate = handle(orders.estimate, (input) => {
  const product = productOf(input.dataProduct);
  const prices = areasOf(input.featureCollection).map(({ bounds }) => priceIn(product, bounds));
  const credits = prices.reduce((total, price) => total + price.credits, 0);
  const aud = Math.round(prices.reduce((total, price) => total + price.aud, 0) * 100) / 100;
  return { json: { summary: { totalCredits: credits, totalAud: aud }, results: prices } };
});

/** One order for each area. */
const placeProduct = handle(orders.place, async (input, call) => {
  const { settings } = call.context;
  const product = productOf(input.dataProduct);
  const terms = areasOf(input.featureCollection).map(({ bounds, geometry }) => ({
    project_id: input.workspaceId,
    display_name: input.displayName === '' ? product.title : input.displayName,
    data_product_id: product.id,
    scene_ids: [newestAt(product, bounds, settings.now())],
    geometry,
    tags: input.tags ?? [],
    credits: priceIn(product, bounds).credits,
  }));
  return { json: { results: await place(call, terms), errors: [] } };
});

const getSchema = handle(orders.getSchema, (input) => {
  const product = productOf(input.data_product_id);
  return {
    json: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: product.title,
      type: 'object',
      properties: {},
      additionalProperties: true,
    },
  };
});

export const purchases: OperationHandlers = {
  ...archiveEstimate,
  ...archivePlace,
  ...estimate,
  ...placeProduct,
  ...getSchema,
};

/**
 * Places all orders or none.
 *
 * @throws ProblemError 402, 403 or 404
 */
async function place({ context, principal }: Call, terms: readonly OrderTerms[]) {
  const { state } = context.store;
  for (const { project_id } of terms) requireProjectEditor(state, principal, project_id);
  requireCredits(
    context,
    terms.reduce((total, { credits }) => total + credits, 0),
  );
  const now = context.settings.now().toISOString();
  const placed = terms.map((each) => newOrder(each, principal, now));
  for (const order of placed) spend(context, order.credits, 'order', order.id);
  state.orders.push(...placed);
  await context.store.save();
  return placed.map(orderRecord);
}

/** @throws ProblemError 404 */
function productOf(name: string): DataProduct {
  const product = DATA_PRODUCTS.find((candidate) => [candidate.id, candidate.name].includes(name));
  if (!product) throw notFound('Data product');
  return product;
}

const collectionSchema = z.object({
  features: z.array(z.object({ geometry: z.unknown() })).min(1),
});

/** @throws ProblemError 422 without an area */
function areasOf(featureCollection: unknown): { bounds: Bounds; geometry: unknown }[] {
  const read = collectionSchema.safeParse(featureCollection);
  if (!read.success) throw new ProblemError(422, 'featureCollection holds no area to order');
  return read.data.features.map(({ geometry }) => ({ bounds: boundsOf(geometry), geometry }));
}

function priceIn({ collection, factor }: DataProduct, bounds: Bounds) {
  return priceOf(collection, bounds, factor);
}

function newestAt({ host, collection }: DataProduct, bounds: Bounds, now: Date): string {
  const [west, south, east, north] = bounds;
  const [lon, lat] = [(west + east) / 2, (south + north) / 2];
  return gridOf(host, collection, [lon, lat, lon, lat], now.getTime()).at(0).id;
}
