import { z } from 'zod';
import { isJobId } from './job_id.ts';

/** Other versions of the service say more or less: a member in another form is as good as none. */
const text = () => z.string().nullish().catch(undefined);
const number = () => z.number().nullish().catch(undefined);
const jobId = () => z.string().refine(isJobId);

/** What an instance takes, and by which way. */
export const uploadConfig = () =>
  z
    .object({
      presigned_uploads: z.boolean(),
      max_file_size_bytes: number(),
      /** With dots and commas. */
      allowed_extensions: text(),
      /** Null where nobody counts. */
      remaining_dataset_quota: number(),
    })
    .passthrough();

export type UploadConfig = z.output<ReturnType<typeof uploadConfig>>;

export const presignedUpload = () =>
  z
    .object({
      job_id: jobId(),
      /** Each lets its holder write one part; none of them can be had again. */
      urls: z.array(z.string()).min(1),
      /** Null where all goes in one PUT. */
      upload_id: z.string().nullish(),
      /** Bytes of each part but the last. */
      part_size: z.number().int().positive().nullish(),
    })
    .passthrough();

export type PresignedUpload = z.output<ReturnType<typeof presignedUpload>>;

/** A job that was opened by the file itself. */
export const uploadedFile = () => z.object({ job_id: jobId() }).passthrough();

/** Any success of a completion or a commit means that it was done. */
export const acceptedJob = () =>
  z.preprocess((json) => json ?? {}, z.object({ status: text(), message: text() }).passthrough());

/** Of a raster or of a table; `layers` is there for a file that has several. */
export const filePreview = () =>
  z
    .object({
      layers: z
        .array(z.object({ name: z.string() }).passthrough())
        .nullish()
        .catch(undefined),
      layer_name: text(),
    })
    .passthrough();

export type FilePreview = z.output<ReturnType<typeof filePreview>>;

export const jobStatus = () =>
  z
    .object({
      status: z.string(),
      dataset_id: text(),
      error_message: text(),
      can_retry: z.boolean().nullish().catch(undefined),
      retry_reason: text(),
      warning_message: text(),
      progress: number(),
      current_step: text(),
    })
    .passthrough();

export type JobStatus = z.output<ReturnType<typeof jobStatus>>;
