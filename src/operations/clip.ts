import { z } from 'zod';
import { defineOperation, untyped } from './operation.ts';

const jobId = () => z.string().min(1).describe('Clip job id.');

export const clip = {
  createFromItem: defineOperation({
    id: 'clip.create_from_item',
    scope: 'processing:process',
    effect: 'external_spend',
    summary:
      'Start a clip job that cuts assets of an item to an area. It spends compute credits: ask the user first. Then wait until the job is completed, and fetch its files.',
    // The API takes a free-form body; these keys are the ones that its clipping guide sends.
    input: () =>
      z
        .object({
          source_item_id: z.string().min(1).describe('Item to cut.'),
          project_id: z.string().min(1).describe('Project that receives the result.'),
          aoi_geometry: z
            .object({
              type: z.enum(['Polygon']).describe('GeoJSON type.'),
              coordinates: z
                .array(z.array(z.array(z.number())))
                .describe('Rings of [lon, lat] in degrees, each closed.'),
            })
            .strict()
            .describe('Area to keep: a GeoJSON Polygon.'),
          asset_keys: z.array(z.string()).optional().describe('Assets to cut; all if absent.'),
          output_name: z.string().optional().describe('Name of the result.'),
        })
        .strict(),
    output: () => z.object({ job: z.object({ id: z.string() }).passthrough() }).passthrough(),
  }),

  jobGet: defineOperation({
    id: 'clip.job.get',
    scope: 'clip:read',
    effect: 'read',
    summary: 'Read the state of a clip job: pending, running, completed or failed.',
    input: () => z.object({ job_id: jobId() }).strict(),
    output: untyped,
  }),

  jobDownloads: defineOperation({
    id: 'clip.job.downloads',
    scope: 'clip:read',
    effect: 'read',
    summary: 'List the files of a completed clip job, with the mosaic_type that names each.',
    input: () => z.object({ job_id: jobId() }).strict(),
    output: untyped,
  }),

  jobDownload: defineOperation({
    id: 'clip.job.download',
    scope: 'clip:read',
    effect: 'read',
    response: 'file',
    summary:
      'Get a download URL for one file of a clip job. This saves nothing; where there is a tool that downloads to a path, it saves the file. The URL is a secret and fetching it counts as egress.',
    input: () =>
      z
        .object({
          job_id: jobId(),
          mosaic_type: z.string().describe('Which file, from clip_job_downloads, e.g. visual.'),
          user_agent: z.string().optional().describe('Recorded with the egress, if given.'),
          requester_ip: z.string().optional().describe('Recorded with the egress, if given.'),
        })
        .strict(),
    output: untyped,
  }),
};
