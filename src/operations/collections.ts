import { z } from 'zod';
import { collectionId, projectId } from './fields.ts';
import { deleted } from './models.ts';
import { defineOperation, untyped } from './operation.ts';

const name = () => z.string().min(1).max(255).describe('Name of the collection.');
const description = () => z.string().describe('What the collection holds.');
const color = () => z.string().describe('Colour on the map, e.g. #2f80ed.');
const showOnMap = () => z.boolean().describe('True if the map shows its items.');
const layerOrder = () => z.number().int().describe('Place among the layers of the map.');

const collection = () =>
  z
    .object({
      id: z.string(),
      project_id: z.string(),
      name: z.string(),
      description: z.string().nullish(),
      color: z.string().nullish(),
      show_on_map: z.boolean().optional(),
      layer_order: z.number().int().optional(),
      auto_created: z.boolean().optional(),
      source_type: z.string().nullish(),
      source_id: z.string().nullish(),
      item_count: z.number().int().optional(),
      deleted_at: z.string().nullish(),
      created_at: z.string(),
      updated_at: z.string(),
    })
    .passthrough();

export const collections = {
  list: defineOperation({
    id: 'collections.list',
    scope: 'collections:read',
    effect: 'read',
    summary: 'List the collections of a project, each with the number of its items.',
    keywords: 'folders groups layers count show browse overview contain subfolders how many',
    input: () => z.object({ project_id: projectId() }).strict(),
    output: untyped,
  }),

  get: defineOperation({
    id: 'collections.get',
    scope: 'collections:read',
    effect: 'read',
    summary:
      'Read one collection of a project: name, colour and place on the map. For what it holds use items.list_by_collection.',
    keywords: 'folder group layer details show look up settings visible',
    input: () => z.object({ project_id: projectId(), collection_id: collectionId() }).strict(),
    output: untyped,
  }),

  create: defineOperation({
    id: 'collections.create',
    scope: 'collections:write',
    effect: 'compute',
    idempotencyKey: true,
    summary:
      'Create an empty collection, a folder for items, in a project. Uploads and items.update put items into it.',
    keywords: 'make add new group layer directory organize sort drone',
    input: () =>
      z
        .object({
          name: name(),
          description: description().nullish(),
          color: color().nullish(),
          show_on_map: showOnMap().default(true),
          layer_order: layerOrder().default(0),
          project_id: projectId(),
        })
        .strict(),
    output: collection,
  }),

  update: defineOperation({
    id: 'collections.update',
    scope: 'collections:write',
    effect: 'compute',
    summary:
      'Change the name, description, colour or place on the map of a collection. What is left out stays as it is.',
    keywords:
      'rename edit modify folder group hide show visible reorder layer title recolor invisible',
    input: () =>
      z
        .object({
          name: name().nullish(),
          description: description().nullish(),
          color: color().nullish(),
          show_on_map: showOnMap().nullish(),
          layer_order: layerOrder().nullish(),
          project_id: projectId(),
          collection_id: collectionId(),
        })
        .strict(),
    output: collection,
  }),

  delete: defineOperation({
    id: 'collections.delete',
    scope: 'collections:write',
    effect: 'destructive',
    summary:
      'Delete a collection of a project softly. Its items stay in the project, in no collection; the token needs the admin role there.',
    keywords: 'remove erase drop folder group layer ungroup dissolve keep content',
    input: () => z.object({ project_id: projectId(), collection_id: collectionId() }).strict(),
    output: deleted,
  }),
};
