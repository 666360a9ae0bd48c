import { z } from 'zod';
import { defineOperation, untyped } from './operation.ts';

const itemId = () => z.string().min(1).describe('STAC item id.');

export const items = {
  list: defineOperation({
    id: 'items.list',
    scope: 'items:read',
    effect: 'read',
    summary:
      'List the items of a project, a page at a time. A page shorter than limit is the last one.',
    input: () =>
      z
        .object({
          project_id: z.string().describe('Project to list.'),
          collection_id: z.string().optional().describe('Only items of this collection.'),
          uncollected: z.boolean().default(false).describe('Only items in no collection.'),
          limit: z.number().int().default(100).describe('Items a page.'),
          offset: z.number().int().default(0).describe('Items to pass over.'),
        })
        .strict(),
    output: untyped,
  }),

  get: defineOperation({
    id: 'items.get',
    scope: 'items:read',
    effect: 'read',
    summary: 'Read one item: geometry, bbox, time, properties and which upload or job made it.',
    input: () => z.object({ item_id: itemId() }).strict(),
    output: () => z.object({ item: z.object({}).passthrough() }).passthrough(),
  }),

  listAssets: defineOperation({
    id: 'items.list_assets',
    scope: 'items:read',
    effect: 'read',
    summary: 'List the assets (files) of an item with their ids, keys, sizes and media types.',
    input: () => z.object({ item_id: itemId() }).strict(),
    output: untyped,
  }),

  assetDownload: defineOperation({
    id: 'items.asset.download',
    scope: 'items:read',
    effect: 'share_export',
    repeatable: true,
    summary:
      'Get a short-lived download URL for one asset of an item. This moves no bytes; where there is a tool that downloads to a path, it saves the file. The URL is a secret and fetching it counts as egress.',
    input: () =>
      z
        .object({
          item_id: itemId(),
          asset_id: z.string().min(1).describe('Asset key (e.g. visual) or asset record id.'),
        })
        .strict(),
    output: untyped,
  }),
};
