import type { SandboxContext } from './context.ts';
import { lookAt } from './look_by_look.ts';
import { makeItem } from './made_up_item.ts';
import { type Scene, sceneOfId } from './made_up_scenes.ts';
import { notify } from './notify.ts';
import type { Order } from './project_records.ts';

/** Moves an order on by one look: placed, then being fulfilled, then delivered as items of its project. */
export function advanceOrder(context: SandboxContext, order: Order): Promise<void> {
  return lookAt(context, order, {
    isOver: ({ status }) => status === 'FULFILLED' || status === 'CANCELED',
    begin: (begun) => {
      begun.status = 'BEING_FULFILLED';
    },
    finish: (last) => deliver(context, last),
  });
}

async function deliver(context: SandboxContext, order: Order): Promise<void> {
  for (const id of order.scene_ids) {
    const scene = sceneOfId(id, context.settings.now().getTime());
    if (scene) order.item_ids.push(await deliverScene(context, order, scene));
  }
  order.status = 'FULFILLED';
  notify(context, {
    type: 'order.fulfilled',
    title: 'Order fulfilled',
    message: `${order.display_name}: ${order.item_ids.length} item(s) delivered.`,
    reference: order.id,
  });
}

async function deliverScene(
  context: SandboxContext,
  order: Order,
  { id, bounds, takenAt, cloudCover, collection }: Scene,
): Promise<string> {
  const item = await makeItem(context, {
    name: id,
    bounds,
    assetKey: 'visual',
    folder: `orders/${order.id}`,
    item: {
      project_id: order.project_id,
      type: 'satellite_capture',
      datetime: new Date(takenAt).toISOString(),
      cloud_cover: cloudCover,
      gsd: collection.gsd,
      order_id: order.id,
      created_by: order.created_by,
    },
  });
  return item.id;
}
