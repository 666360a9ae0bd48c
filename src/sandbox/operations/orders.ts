import { orders } from '../../operations/orders.ts';
import { refund } from '../credits.ts';
import { liveItems } from '../item_records.ts';
import { handle, type OperationHandlers } from '../operation_handler.ts';
import { advanceOrder } from '../order_delivery.ts';
import { findOrder, orderRecord } from '../order_records.ts';
import { sizedPage, sorted } from '../pages.ts';
import { requireProjectEditor } from '../principals.ts';
import { ProblemError } from '../problems.ts';
import { stacFeature } from '../stac_feature.ts';

/** To list is no look at an order: only `orders.get` moves one on. */
const list = handle(orders.list, (input, { context: { store } }) => {
  const wanted = {
    ids: split(input.orderIds),
    products: split(input.dataProductIds),
    tags: split(input.tags),
  };
  const matching = store.state.orders
    .map(orderRecord)
    .filter(
      (order) =>
        (input.workspaceId ?? order.workspaceId) === order.workspaceId &&
        (input.type ?? order.type) === order.type &&
        (input.status ?? order.status) === order.status &&
        order.displayName.includes(input.displayName ?? '') &&
        (wanted.ids?.includes(order.id) ?? true) &&
        (wanted.products?.includes(order.dataProductId ?? '') ?? true) &&
        (wanted.tags?.some((tag) => order.tags.includes(tag)) ?? true),
    );
  return { json: sizedPage(sorted(matching, input.sort), input) };
});

const get = handle(orders.get, async (input, { context }) => {
  const order = findOrder(context.store.state, input.order_id);
  await advanceOrder(context, order);
  return { json: orderRecord(order) };
});

const listAssets = handle(orders.listAssets, (input, { context: { store } }) => {
  const { item_ids } = findOrder(store.state, input.order_id);
  const features = liveItems(store.state)
    .filter(({ id }) => item_ids.includes(id))
    .map((item) => stacFeature(store.state, item));
  return { json: { type: 'FeatureCollection', features, numberMatched: features.length } };
});

const update = handle(orders.update, async (input, { context, principal }) => {
  const { state } = context.store;
  const order = findOrder(state, input.order_id);
  requireProjectEditor(state, principal, order.project_id);
  order.tags = input.tags ?? order.tags;
  order.updated_at = context.settings.now().toISOString();
  await context.store.save();
  return { json: orderRecord(order) };
});

/** The policy here: as long as nobody has begun with it. */
const cancel = handle(orders.cancel, async (input, { context, principal }) => {
  const { state } = context.store;
  const order = findOrder(state, input.order_id);
  requireProjectEditor(state, principal, order.project_id);
  if (order.status !== 'PLACED') {
    throw new ProblemError(409, `An order that is ${order.status} cannot be cancelled`);
  }
  order.status = 'CANCELED';
  order.updated_at = context.settings.now().toISOString();
  refund(context, order.id);
  await context.store.save();
  return { json: { orderId: order.id, status: order.status } };
});

export const orderOperations: OperationHandlers = {
  ...list,
  ...get,
  ...listAssets,
  ...update,
  ...cancel,
};

/** Names by commas; undefined for none. */
function split(names: string | undefined): string[] | undefined {
  return names?.split(',').map((name) => name.trim());
}
