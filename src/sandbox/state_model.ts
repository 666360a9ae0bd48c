import { z } from 'zod';
import { itemType } from '../operations/models.ts';
import { accountRecords } from './account_records.ts';
import { projectRecords, projectSchema } from './project_records.ts';

const nullableText = z.string().nullable();
const callCounts = z.record(z.number().int());

const principalSchema = z.object({
  token: z.string(),
  id: z.string(),
  scopes: z.array(z.string()),
  role: z.enum(['viewer', 'editor', 'admin']),
  /** Whether userinfo shows the resource scopes, or OpenID scopes alone. */
  show_scopes: z.boolean(),
  /** When its token ends; null if it does not. */
  expires_at: nullableText.default(null),
});

const uploadFileSchema = z.object({
  file_name: z.string(),
  content_type: z.string(),
  object_path: z.string(),
});

const uploadSessionSchema = z.object({
  id: z.string(),
  project_id: z.string(),
  status: z.enum(['open', 'completed', 'failed']),
  transfer_method: z.string(),
  file_count: z.number().int(),
  total_bytes: z.number().int(),
  target_collection_id: nullableText,
  target_item_id: nullableText,
  asset_key: nullableText,
  is_categorical: z.boolean(),
  files: z.array(uploadFileSchema),
  /** How often each operation was called with this session's id, refused calls included. */
  calls: callCounts,
  bytes_uploaded: z.number().int().nullable(),
  progress_status: nullableText,
  error_message: nullableText,
  error_step: nullableText,
  item_ids: z.array(z.string()),
  created_at: z.string(),
  created_by: z.string(),
});

const storedObjectSchema = z.object({
  object_path: z.string(),
  /** File name below the object directory; never derived from the object's own name. */
  disk_name: z.string(),
  size_bytes: z.number().int(),
  content_type: z.string(),
  /** Base64, as `x-goog-hash` states it. */
  crc32c: z.string(),
  /** Base64, as `x-goog-hash` states it. */
  md5: z.string(),
  generation: z.string(),
});

/** The members of `ItemResponse` in the published OpenAPI. */
const itemSchema = z.object({
  id: z.string(),
  project_id: z.string(),
  collection_id: nullableText,
  stac_id: z.string(),
  type: itemType(),
  geometry: z.unknown().nullable(),
  bbox: z.array(z.number()).nullable(),
  datetime: nullableText,
  start_datetime: nullableText,
  end_datetime: nullableText,
  cloud_cover: z.number().nullable(),
  gsd: z.number().nullable(),
  name: z.string(),
  description: nullableText,
  properties: z.record(z.unknown()),
  stac_extensions: z.array(z.string()),
  lifecycle_state: z.enum(['active', 'expiring', 'archived', 'expired', 'deleted']),
  expires_at: nullableText,
  archived_at: nullableText,
  previous_version_id: nullableText,
  duplicated_from_id: nullableText,
  order_id: nullableText,
  upload_id: nullableText,
  job_id: nullableText,
  deleted_at: nullableText,
  created_by: nullableText,
  created_at: z.string(),
  updated_at: z.string(),
});

const assetSchema = z.object({
  id: z.string(),
  item_id: z.string(),
  key: z.string(),
  title: z.string(),
  file_name: z.string(),
  media_type: z.string(),
  roles: z.array(z.string()),
  size_bytes: z.number().int(),
  /** Base64, big-endian, as storage states it. */
  checksum_crc32c: z.string(),
  bands: z.array(z.unknown()),
  object_path: z.string(),
  created_at: z.string(),
});

export const polygonSchema = z.object({
  type: z.literal('Polygon'),
  coordinates: z.array(z.array(z.array(z.number()))),
});

const clipJobSchema = z.object({
  id: z.string(),
  kind: z.literal('cog_clip'),
  status: z.enum(['pending', 'running', 'completed', 'failed']),
  project_id: z.string(),
  source_item_id: z.string(),
  asset_keys: z.array(z.string()),
  aoi_geometry: polygonSchema,
  output_name: nullableText,
  /** How many polls have moved the job on. */
  polls: z.number().int(),
  error: nullableText,
  item_ids: z.array(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
  created_by: z.string(),
});

const keptAnswerSchema = z.object({
  /** Digest of organization, path and key. */
  claim: z.string(),
  /** Digest of the body that the key came with. */
  body: z.string(),
  answer: z.unknown(),
  at: z.string(),
});

/** Everything that survives a restart. */
export const storedStateSchema = z.object({
  version: z.literal(1),
  organization_id: z.string(),
  bucket: z.string(),
  signing_key: z.string(),
  /** The first project is the sandbox's own; the second belongs to another organization; the rest was made. */
  projects: z.tuple([projectSchema, projectSchema]).rest(projectSchema),
  /** The first principal holds the main token. */
  principals: z.tuple([principalSchema]).rest(principalSchema),
  sessions: z.array(uploadSessionSchema),
  objects: z.array(storedObjectSchema),
  items: z.array(itemSchema),
  assets: z.array(assetSchema),
  clip_jobs: z.array(clipJobSchema),
  /** By idempotency key; absent in what older sandboxes wrote. */
  kept_answers: z.array(keptAnswerSchema).default([]),
  ...projectRecords,
  ...accountRecords,
  egress_bytes: z.number().int(),
  credentials_seen_by_storage: z.number().int(),
});

export type Principal = z.infer<typeof principalSchema>;
export type UploadFile = z.infer<typeof uploadFileSchema>;
export type UploadSession = z.infer<typeof uploadSessionSchema>;
export type StoredObject = z.infer<typeof storedObjectSchema>;
export type Item = z.infer<typeof itemSchema>;
export type Asset = z.infer<typeof assetSchema>;
export type Polygon = z.infer<typeof polygonSchema>;
export type ClipJob = z.infer<typeof clipJobSchema>;
export type KeptAnswer = z.infer<typeof keptAnswerSchema>;
export type StoredState = z.infer<typeof storedStateSchema>;
