import { z } from 'zod';
import type { Completion } from '../workflows/completion.ts';

/** What a tool answers of a session that is completed. */
export const completionFields = () => ({
  item_ids: z.array(z.string()).describe('New items; empty if the session made none.'),
  note: z.string().optional(),
  next: z.string(),
});

export function completionFacts({ itemIds, completeAnswered }: Completion) {
  const [item] = itemIds;
  return {
    item_ids: [...itemIds],
    ...(completeAnswered
      ? {}
      : {
          note: 'The answer of uploads.complete was lost; the items were found by the upload id.',
        }),
    next:
      item === undefined
        ? 'No new item was made, which is valid when the data joined an existing item, or the session had been completed before. items.list shows the items of the project.'
        : `items.get with item_id ${item} shows the item; items.list_assets its assets.`,
  };
}
