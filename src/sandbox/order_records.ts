import { CREDITS_PER_AUD } from './credits.ts';
import { newId } from './initial_state.ts';
import { notFound } from './problems.ts';
import type { Order } from './project_records.ts';
import type { Principal, StoredState } from './state_model.ts';

/** @throws ProblemError 404 */
export function findOrder(state: StoredState, id: string): Order {
  const order = state.orders.find((candidate) => candidate.id === id);
  if (!order) throw notFound('Order');
  return order;
}

/** What is told of a new order. */
export type OrderTerms = Pick<
  Order,
  'project_id' | 'display_name' | 'data_product_id' | 'scene_ids' | 'geometry' | 'tags' | 'credits'
>;

export function newOrder(terms: OrderTerms, owner: Principal, now: string): Order {
  return {
    ...terms,
    id: newId('ord'),
    type: 'ARCHIVE',
    status: 'PLACED',
    looks: 0,
    item_ids: [],
    created_by: owner.id,
    created_at: now,
    updated_at: now,
  };
}

/** An order in the provider-style names that the list operation filters by; the rest is our reading. */
export function orderRecord(order: Order) {
  return {
    id: order.id,
    displayName: order.display_name,
    type: order.type,
    status: order.status,
    workspaceId: order.project_id,
    dataProductId: order.data_product_id,
    orderDetails: { imageIds: order.scene_ids, aoi: order.geometry ?? null },
    tags: order.tags,
    totalCredits: order.credits,
    totalAud: order.credits / CREDITS_PER_AUD,
    assets: order.item_ids,
    createdBy: order.created_by,
    createdAt: order.created_at,
    updatedAt: order.updated_at,
  };
}
