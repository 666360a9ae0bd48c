import { z } from 'zod';
import { id, itemId } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

const layer = () => z.enum(['sensor', 'auto', 'user']);
const type = () => z.enum(['rgb', 'singleband', 'multiband', 'expression']);

/** Fields of a profile, as both who makes and who changes one sends them. */
const fields = {
  name: () => z.string().min(1).max(255).describe('Name of the profile.'),
  type: () => type().describe('How it is drawn; expression computes from bands.'),
  sortOrder: () => z.number().int().describe('Place among the profiles of the item, lowest first.'),
  config: () =>
    z.record(z.unknown()).describe('How to draw it: bands, rescale, colormap and so on.'),
  assetKey: () => z.string().describe('Asset that it draws, e.g. visual.'),
};

const profileRef = () =>
  z.object({ item_id: itemId(), profile_id: id('Profile id, of this item.') }).strict();

const profile = () =>
  z
    .object({
      id: z.string(),
      item_id: z.string(),
      name: z.string(),
      layer: layer(),
      type: type(),
      is_default: z.boolean().optional(),
      sort_order: z.number().int().optional(),
      config: z.record(z.unknown()),
      asset_key: z.string().nullish(),
      version: z.number().int().optional(),
      created_by: z.string().nullish(),
      created_at: z.string(),
      updated_at: z.string(),
    })
    .passthrough();

const rendering = () =>
  z
    .object({
      id: z.string(),
      label: z.string(),
      kind: z.enum(['rgb', 'index', 'elevation', 'raw']),
      asset: z.string().nullish(),
      bands: z.array(z.number().int()).nullish(),
      expression: z.string().nullish(),
      colormap: z.string().nullish(),
      rescale: z.string().nullish(),
      is_default: z.boolean().optional(),
      category: z.string().nullish(),
      description: z.string().optional(),
    })
    .passthrough();

export const visualization = {
  listFor: defineOperation({
    id: 'visualization.list_for',
    scope: 'tiles:read',
    effect: 'read',
    summary:
      'List the ways in which imagery with given bands can be shown: true colour, indices, elevation. It is told of the bands, not of an item; the profiles saved for one are in visualization.profiles.list.',
    keywords:
      'styles renderings colormap ndvi false color composites options possible display suit look four-band',
    input: () =>
      z
        .object({
          band_roles: z
            .record(z.number().int())
            .optional()
            .describe('Number of the band in each role, e.g. {"red": 3, "nir": 4}.'),
          data_type: z.string().default('raster').describe('Kind of data.'),
          render_params: z
            .record(z.unknown())
            .optional()
            .describe('Render settings that the imagery comes with.'),
          asset: z.string().nullish().describe('Asset that is to be shown.'),
        })
        .strict(),
    output: () =>
      z
        .object({
          visualizations: z.array(rendering()).optional(),
          default_id: z.string().optional(),
        })
        .passthrough(),
  }),

  profilesList: defineOperation({
    id: 'visualization.profiles.list',
    scope: 'items:read',
    effect: 'read',
    summary:
      'List the saved visualization profiles of an item, in the order in which they are shown.',
    keywords: 'styles renderings symbology display colors looks available ways presets stored',
    input: () => z.object({ item_id: itemId() }).strict(),
    output: untyped,
  }),

  profileGet: defineOperation({
    id: 'visualization.profile.get',
    scope: 'items:read',
    effect: 'read',
    summary: 'Read one visualization profile of an item, with its bands, rescaling and colormap.',
    keywords: 'style rendering symbology settings details configuration saved stretch',
    input: profileRef,
    output: untyped,
  }),

  profileCreate: defineOperation({
    id: 'visualization.profile.create',
    scope: 'items:write',
    effect: 'compute',
    idempotencyKey: true,
    summary:
      'Save a way to draw an item as a visualization profile. Needs an editor or admin of its project.',
    keywords:
      'style rendering symbology colormap bands false color new add display look store keep stretch',
    input: () =>
      z
        .object({
          item_id: itemId(),
          name: fields.name(),
          type: fields.type(),
          config: fields.config(),
          asset_key: fields.assetKey().nullish(),
          layer: layer().default('user').describe('Who it comes from; user for one made by hand.'),
          is_default: z.boolean().default(false).describe('Draw the item with it from now on.'),
          sort_order: fields.sortOrder().default(0),
        })
        .strict(),
    output: profile,
  }),

  profileUpdate: defineOperation({
    id: 'visualization.profile.update',
    scope: 'items:write',
    effect: 'compute',
    summary:
      'Change a visualization profile of an item. Fields left out stay as they are; send config whole. Needs an editor or admin.',
    keywords:
      'edit style rendering symbology colormap rescale bands rename adjust saved stretch tweak',
    input: () =>
      z
        .object({
          item_id: itemId(),
          profile_id: id('Profile id, of this item.'),
          name: fields.name().nullish(),
          type: fields.type().nullish(),
          config: fields.config().nullish(),
          asset_key: fields.assetKey().nullish(),
          is_default: z.boolean().nullish().describe('True draws the item with it from now on.'),
          sort_order: fields.sortOrder().nullish(),
        })
        .strict(),
    output: profile,
  }),

  profileSetDefault: defineOperation({
    id: 'visualization.profile.set_default',
    scope: 'items:write',
    effect: 'compute',
    repeatable: true,
    summary:
      'Draw an item with one of its visualization profiles wherever none is named. Needs an editor or admin.',
    keywords: 'style rendering choose standard preferred initial display always first open main',
    input: profileRef,
    output: profile,
  }),

  profileDelete: defineOperation({
    id: 'visualization.profile.delete',
    scope: 'items:write',
    effect: 'destructive',
    summary:
      'Delete a visualization profile of an item; the item and its files stay. Needs an editor or admin.',
    keywords: 'remove style rendering symbology drop look saved stretch unused',
    input: profileRef,
    output: () => z.object({ ok: z.boolean().optional(), id: z.string() }).passthrough(),
  }),
};
