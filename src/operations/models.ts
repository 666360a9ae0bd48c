import { z } from 'zod';

/** Members under which a download descriptor may hold its signed URL; the guides show the first. */
export const DOWNLOAD_URL_KEYS = ['url', 'download_url', 'signed_url', 'href'] as const;

/** What a soft delete answers. */
export const deleted = () => z.object({ ok: z.boolean().optional(), id: z.string() }).passthrough();

export const itemType = () =>
  z.enum([
    'satellite_capture',
    'derived_raster',
    'derived_vector',
    'clip',
    'user_raster',
    'user_vector',
    'external_reference',
  ]);

const lifecycleState = () => z.enum(['active', 'expiring', 'archived', 'expired', 'deleted']);

/** An item as its writes answer it; times are RFC 3339. */
export const item = () =>
  z
    .object({
      id: z.string(),
      project_id: z.string(),
      collection_id: z.string().nullish(),
      stac_id: z.string(),
      type: itemType(),
      geometry: z.record(z.unknown()).nullish(),
      bbox: z.array(z.number()).nullish(),
      datetime: z.string().nullish(),
      start_datetime: z.string().nullish(),
      end_datetime: z.string().nullish(),
      cloud_cover: z.number().nullish(),
      gsd: z.number().nullish(),
      name: z.string(),
      description: z.string().nullish(),
      properties: z.record(z.unknown()).optional(),
      stac_extensions: z.array(z.string()).optional(),
      lifecycle_state: lifecycleState().optional(),
      expires_at: z.string().nullish(),
      archived_at: z.string().nullish(),
      previous_version_id: z.string().nullish(),
      duplicated_from_id: z.string().nullish(),
      order_id: z.string().nullish(),
      upload_id: z.string().nullish(),
      job_id: z.string().nullish(),
      deleted_at: z.string().nullish(),
      created_by: z.string().nullish(),
      created_at: z.string(),
      updated_at: z.string(),
    })
    .passthrough();

/** An asset (a file of an item) as its writes answer it. */
export const asset = () => z.object({ id: z.string() }).passthrough();

export const featureCollection = () =>
  z
    .object({
      type: z.string().optional(),
      features: z.array(z.unknown()).optional(),
      numberMatched: z.number().int().optional(),
    })
    .passthrough();
