import { z } from 'zod';
import { assetId, itemId } from './fields.ts';
import { defineOperation } from './operation.ts';

export const assets = {
  delete: defineOperation({
    id: 'assets.delete',
    scope: 'items:write',
    effect: 'destructive',
    summary: 'Delete one asset (file) of an item. The item itself and its other assets stay.',
    keywords: 'remove erase drop throw away single tif band raster layer thumbnail attachment',
    input: () => z.object({ item_id: itemId(), asset_id: assetId() }).strict(),
    output: () => z.object({ id: z.string().nullish() }).passthrough(),
  }),
};
