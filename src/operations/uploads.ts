import { z } from 'zod';
import { id } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

/**
 * `signed_url` is what Geopera's guides send; the published OpenAPI lists only the other three.
 * Which of them a deployment takes is for the API to say.
 */
export const TRANSFER_METHODS = ['browser', 'cli', 'cloud_transfer', 'signed_url'] as const;

const uploadId = () => id('Upload session id, from uploads.initiate.');

/** The published model promises `id` alone and allows more. */
const session = () => z.object({ id: z.string() }).passthrough();

/** Any success will do: nothing that it says is relied on, and it need not say anything. */
const acknowledgement = untyped;

export const uploads = {
  initiate: defineOperation({
    id: 'uploads.initiate',
    scope: 'uploads:write',
    effect: 'compute',
    answerSeconds: 30,
    idempotencyKey: true,
    summary:
      'Open an upload session by hand and reserve storage quota for it. This moves no bytes. The session must end in uploads.complete or uploads.fail, or the reservation stays.',
    keywords:
      'start begin create new import ingest put push data imagery transfer local drone files room space gigabytes deliver',
    input: () =>
      z
        .object({
          project_id: id('Project that receives the data (editor or admin role).'),
          transfer_method: z
            .enum(TRANSFER_METHODS)
            .default('browser')
            .describe('How the bytes will travel. If signed_url is refused, use cli.'),
          file_count: z.number().int().min(1).default(1).describe('Files in this session.'),
          total_bytes: z
            .number()
            .int()
            .min(0)
            .default(0)
            .describe('Sum of all file sizes in bytes; this much quota is reserved.'),
          target_collection_id: z.string().nullish().describe('Collection for the new items.'),
          target_item_id: z
            .string()
            .nullish()
            .describe('Existing item that the file joins as an asset.'),
          asset_key: z.string().nullish().describe('Asset key to use with target_item_id.'),
          is_categorical: z
            .boolean()
            .default(false)
            .describe('True for class rasters such as land cover.'),
        })
        .strict(),
    output: session,
  }),

  signedUrl: defineOperation({
    id: 'uploads.signed_url',
    scope: 'uploads:write',
    effect: 'compute',
    repeatable: true,
    secrets: ['upload_url'],
    summary:
      'Sign a short-lived URL to PUT one file of an upload session to storage. The PUT must carry exactly the content_type given here and no Geopera token. The URL is a secret: whoever has it can write the file.',
    keywords: 'presigned link address send push bucket cloud destination target',
    input: () =>
      z
        .object({
          upload_id: uploadId(),
          file_name: z.string().min(1).describe('Name of the file in the session.'),
          content_type: z
            .string()
            .default('application/octet-stream')
            .describe('Media type that the PUT will send.'),
        })
        .strict(),
    output: () => z.object({ upload_url: z.string(), object_path: z.string() }).passthrough(),
  }),

  progress: defineOperation({
    id: 'uploads.progress',
    scope: 'uploads:write',
    effect: 'compute',
    answerSeconds: 10,
    repeatable: true,
    summary:
      'Tell Geopera how far an upload session has come. For information alone; it does not change the session.',
    keywords: 'report status percent bytes sent update transferred half gigabytes megabytes server',
    input: () =>
      z
        .object({
          upload_id: uploadId(),
          status: z.string().nullish().describe('Free text, e.g. uploading.'),
          bytes_uploaded: z.number().int().nullish().describe('Bytes sent so far, all files.'),
        })
        .strict(),
    output: acknowledgement,
  }),

  complete: defineOperation({
    id: 'uploads.complete',
    scope: 'uploads:write',
    effect: 'compute',
    // It runs a pipeline over the files first.
    answerSeconds: 600,
    summary:
      'Finish an upload session: Geopera makes items and assets from its files. Call it once, after every file is in storage. An answer without new items is valid (already complete, or metadata only).',
    keywords:
      'done end commit ingest import register process publish close arrived bucket wrap up finalize last bytes',
    // The API takes a free-form body; the session id is the one key that its guides send.
    input: () => z.object({ upload_id: uploadId() }).passthrough(),
    output: untyped,
  }),

  fail: defineOperation({
    id: 'uploads.fail',
    scope: 'uploads:write',
    effect: 'compute',
    answerSeconds: 10,
    summary:
      'Abandon an upload session and give its reserved quota back. Call it for any session that will not be completed.',
    keywords:
      'cancel abort stop discard release error broken broke interrupted crashed lost connection free room undo',
    input: () =>
      z
        .object({
          upload_id: uploadId(),
          error_message: z.string().describe('What went wrong, for the record.'),
          error_step: z.string().nullish().describe('Where: sign, transfer or complete.'),
        })
        .strict(),
    output: acknowledgement,
  }),
};
