import { z } from 'zod';
import { plainText } from '../../geopera/plain_text.ts';
import { defineEndpoint } from '../endpoint.ts';
import { commitBody, commitFields, titleField } from './commit_fields.ts';
import {
  acceptedJob,
  filePreview,
  jobStatus,
  presignedUpload,
  uploadConfig,
} from './geolens_answers.ts';
import { isJobId } from './job_id.ts';

const jobId = () => z.string().refine(isJobId, 'not the id of a job');

/** How often a completion is tried in all: one of its failures heals, the other never does. */
export const COMPLETE_TRIES = 3;

/** The requests of an import, but for the one whose body is a file. */
export const geolens = {
  uploadConfig: defineEndpoint({
    id: 'geolens.upload_config',
    title: 'What GeoLens takes',
    summary:
      'Tell which files this GeoLens instance takes: extensions, largest size, datasets that may still be made, whether presigned uploads are on.',
    effect: 'read',
    repeatable: true,
    answerSeconds: 30,
    input: () => z.object({}).strict(),
    output: uploadConfig,
    request: () => ({ method: 'GET', path: '/ingest/upload/config' }),
  }),

  requestPresigned: defineEndpoint({
    id: 'geolens.request_presigned_upload',
    title: 'Begin an upload by hand',
    summary:
      'Open an import job and get signed URLs for the bytes: one PUT, or parts of part_size. They end in about an hour and cannot be had again. geolens_upload_file does it all.',
    effect: 'write',
    // A job whose answer was lost holds no bytes, and ends by itself.
    repeatable: true,
    tries: 3,
    answerSeconds: 120,
    secrets: ['urls'],
    input: () =>
      z
        .object({
          filename: z
            .string()
            .min(1)
            .max(255)
            .refine((name) => !/[/\\]/.test(name), 'a path, not the name of a file'),
          file_size: z.number().int().min(1).describe('Bytes.'),
          content_type: z
            .string()
            .max(255)
            .default('application/octet-stream')
            .describe('A single PUT must send exactly this.'),
        })
        .strict(),
    output: presignedUpload,
    request: (json) => ({ method: 'POST', path: '/ingest/upload/presigned', json }),
  }),

  completePresigned: defineEndpoint({
    id: 'geolens.complete_presigned_upload',
    title: 'Complete an upload by hand',
    summary:
      'Tell GeoLens that all bytes of a presigned upload are in storage. Name the parts of a multipart upload in order; without parts that is aborted (answered 400).',
    effect: 'write',
    repeatable: true,
    tries: COMPLETE_TRIES,
    // The service copies the object before it answers.
    answerSeconds: 300,
    input: () =>
      z
        .object({
          job_id: jobId(),
          parts: z
            .array(
              z
                .object({
                  etag: z.string().min(1).max(200).describe('As storage answered it, with quotes.'),
                  part_number: z.number().int().min(1).max(10_000),
                })
                .strict(),
            )
            .max(10_000)
            .default([])
            .describe('None for a single PUT.'),
        })
        .strict(),
    output: acceptedJob,
    request: ({ job_id, parts }) => ({
      method: 'POST',
      path: `/ingest/upload/presigned/${job_id}/complete`,
      json: { parts },
    }),
  }),

  preview: defineEndpoint({
    id: 'geolens.preview',
    title: 'Preview an uploaded file',
    summary:
      'Tell what GeoLens sees in the uploaded file of a job: columns, CRS, geometry and sample rows, or the facts of a raster; and its layers, of which geolens_commit takes one.',
    effect: 'read',
    repeatable: true,
    tries: 3,
    answerSeconds: 180,
    input: () =>
      z
        .object({
          job_id: jobId(),
          layer_name: z.string().min(1).max(255).optional().describe('Which layer of several.'),
        })
        .strict(),
    output: filePreview,
    request: ({ job_id, layer_name }) => ({
      method: 'POST',
      path: `/ingest/preview/${job_id}${layer_name === undefined ? '' : `?layer_name=${encodeURIComponent(layer_name)}`}`,
    }),
  }),

  commit: defineEndpoint({
    id: 'geolens.commit',
    title: 'Make a dataset of an uploaded file',
    summary:
      'Make the uploaded file of a job a dataset; follow it with geolens_job_status. Never repeat it after a lost answer: look at the job first. To make it public asks the user.',
    effect: 'write',
    repeatable: false,
    answerSeconds: 120,
    input: () => z.object({ job_id: jobId(), title: titleField(), ...commitFields() }).strict(),
    output: acceptedJob,
    request: ({ job_id, ...terms }) => ({
      method: 'POST',
      path: `/ingest/commit/${job_id}`,
      json: commitBody(terms),
    }),
    asksFirst: ({ visibility, title, job_id }) =>
      visibility === 'public'
        ? `GeoLens: publish the file of job ${job_id} as the dataset "${plainText(title, 120)}", which anybody can see without signing in.`
        : undefined,
  }),

  jobStatus: defineEndpoint({
    id: 'geolens.job_status',
    title: 'How far an import is',
    summary:
      'Tell how far an import job of GeoLens is, with the dataset id once it is complete. pending means waiting for geolens_commit, or queued after it.',
    effect: 'read',
    repeatable: true,
    answerSeconds: 30,
    input: () => z.object({ job_id: jobId() }).strict(),
    output: jobStatus,
    request: ({ job_id }) => ({ method: 'GET', path: `/jobs/${job_id}` }),
  }),
};
