import { z } from 'zod';

const nullableText = z.string().nullable();

/** A time before any sandbox: when what an older one made was made is not known. */
const LONG_AGO = '2026-01-01T00:00:00.000Z';

const memberSchema = z.object({
  user_id: z.string(),
  role: z.string(),
  added_at: z.string(),
});

/** The members of `ProjectResponse` in the published OpenAPI, and who may work there. */
export const projectSchema = z.object({
  id: z.string(),
  organization_id: z.string(),
  name: z.string().default('Sandbox'),
  description: nullableText.default(null),
  gcs_region: z.string().default('australia-southeast1'),
  is_archived: z.boolean().default(false),
  members: z.array(memberSchema).default([]),
  created_at: z.string().default(LONG_AGO),
  updated_at: z.string().default(LONG_AGO),
});

/** The members of `CollectionResponse` in the published OpenAPI that are not counted. */
const collectionSchema = z.object({
  id: z.string(),
  project_id: z.string(),
  name: z.string(),
  description: nullableText,
  color: nullableText,
  show_on_map: z.boolean(),
  layer_order: z.number().int(),
  deleted_at: nullableText,
  created_at: z.string(),
  updated_at: z.string(),
});

/** Of work that takes time: how far it is, what came of it, and whose it is. */
const workUnderWay = {
  credits: z.number().int(),
  /** How many looks have moved it on. */
  looks: z.number().int(),
  item_ids: z.array(z.string()),
  created_by: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
};

/** A purchase of imagery, in the provider-style names of the API. */
const orderSchema = z.object({
  id: z.string(),
  project_id: z.string(),
  type: z.enum(['ARCHIVE', 'TASKING']),
  status: z.enum(['PLACED', 'BEING_FULFILLED', 'FULFILLED', 'CANCELED']),
  display_name: z.string(),
  data_product_id: nullableText,
  /** Ids of the scenes that were bought. */
  scene_ids: z.array(z.string()),
  geometry: z.unknown().nullable(),
  tags: z.array(z.string()),
  ...workUnderWay,
});

/** A run of a process. */
const processingJobSchema = z.object({
  id: z.string(),
  project_id: z.string(),
  process_id: z.string(),
  status: z.enum(['pending', 'accepted', 'running', 'successful']),
  inputs: z.record(z.unknown()),
  ...workUnderWay,
});

/** What a project holds besides items. Older sandboxes wrote none of it. */
export const projectRecords = {
  collections: z.array(collectionSchema).default([]),
  orders: z.array(orderSchema).default([]),
  processing_jobs: z.array(processingJobSchema).default([]),
};

export type Project = z.infer<typeof projectSchema>;
export type Collection = z.infer<typeof collectionSchema>;
export type Order = z.infer<typeof orderSchema>;
export type ProcessingJob = z.infer<typeof processingJobSchema>;
