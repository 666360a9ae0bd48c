import { z } from 'zod';
import { geojsonGeometry, id, offsetPaging, organizationId } from './fields.ts';
import { DOWNLOAD_URL_KEYS } from './models.ts';
import { defineOperation, untyped } from './operation.ts';

const jobId = () => id('Clip job id.');
const area = () => z.string().describe('Delivery area, as clip.areas.list names it.');

export const clip = {
  createFromItem: defineOperation({
    id: 'clip.create_from_item',
    scope: 'processing:process',
    effect: 'external_spend',
    summary:
      'Start a clip job that cuts assets of an item to an area. It spends compute credits: ask the user first. Then wait until the job is completed, and fetch its files.',
    keywords:
      'crop trim extract subset polygon aoi region boundary mask property farm field paddock shape piece part small',
    // The API takes a free-form body; these keys are the ones that its clipping guide sends.
    input: () =>
      z
        .object({
          source_item_id: id('Item to cut.'),
          project_id: id('Project that receives the result.'),
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
        .passthrough(),
    output: () => z.object({ job: z.object({ id: z.string() }).passthrough() }).passthrough(),
  }),

  createFromArea: defineOperation({
    id: 'clip.create_from_area',
    scope: 'clip:write',
    effect: 'external_spend',
    summary:
      'Start a clip job that cuts mosaics of a delivery area to a polygon. It spends credits: ask the user first. Then follow it with clip.job.get, and fetch its files.',
    keywords:
      'crop trim extract subset aoi region boundary bucket ready-made imagery piece part city suburb property lot parcel',
    input: () =>
      z
        .object({
          area: area(),
          mosaic_types: z
            .array(z.string())
            .describe('Mosaics to cut, as clip.area.mosaics names them.'),
          aoi_geometry: geojsonGeometry(),
          aoi_name: z.string().nullish().describe('Name of the area that is cut out.'),
          project_id: z.string().nullish().describe('Project that receives the result.'),
          organization_id: organizationId(),
        })
        .strict(),
    output: untyped,
  }),

  areasList: defineOperation({
    id: 'clip.areas.list',
    scope: 'clip:read',
    effect: 'read',
    summary: 'List the delivery areas whose mosaics can be clipped.',
    keywords: 'available regions places bucket crop coverage cities towns locations offered',
    input: () => z.object({}).strict(),
    output: untyped,
  }),

  areaMosaics: defineOperation({
    id: 'clip.area.mosaics',
    scope: 'clip:read',
    effect: 'read',
    summary: 'List the mosaic types of a delivery area, as clip.create_from_area takes them.',
    keywords:
      'available products layers imagery visual ndvi region infrared elevation rgb offered city kinds',
    input: () => z.object({ area: area() }).strict(),
    output: untyped,
  }),

  areaMetadata: defineOperation({
    id: 'clip.area.metadata',
    scope: 'clip:read',
    effect: 'read',
    summary: 'Get the capture dates of the imagery of a delivery area.',
    keywords:
      'taken acquired acquisition age recent time region mosaic old fresh up-to-date flown day year city',
    input: () => z.object({ area: area() }).strict(),
    output: untyped,
  }),

  jobsList: defineOperation({
    id: 'clip.jobs.list',
    scope: 'clip:read',
    effect: 'read',
    summary:
      'List the clip jobs of an organization, a page at a time. A page shorter than limit is the last one.',
    keywords: 'crops running finished failed pending history status recent past cutouts',
    input: () =>
      z
        .object({
          organization_id: organizationId(),
          status: z.string().nullish().describe('Only jobs in this state, e.g. completed.'),
          ...offsetPaging(50),
        })
        .strict(),
    output: untyped,
  }),

  jobGet: defineOperation({
    id: 'clip.job.get',
    scope: 'clip:read',
    effect: 'read',
    summary: 'Read the state of a clip job: pending, running, completed or failed.',
    keywords: 'status progress poll finished crop check wait cut cutout',
    input: () => z.object({ job_id: jobId() }).strict(),
    output: untyped,
  }),

  jobDownloads: defineOperation({
    id: 'clip.job.downloads',
    scope: 'clip:read',
    effect: 'read',
    summary: 'List the files of a completed clip job, with the mosaic_type that names each.',
    keywords: 'outputs results rasters available fetch crop products produced made came cutout',
    input: () => z.object({ job_id: jobId() }).strict(),
    output: untyped,
  }),

  jobDownload: defineOperation({
    id: 'clip.job.download',
    scope: 'clip:read',
    effect: 'read',
    response: 'file',
    secrets: DOWNLOAD_URL_KEYS,
    summary:
      'Get a download URL for one file of a clip job. This saves nothing; where there is a tool that downloads to a path, it saves the file. The URL is a secret and fetching it counts as egress.',
    keywords: 'export geotiff link result crop output retrieve cutout signed tiff',
    input: () =>
      z
        .object({
          job_id: jobId(),
          mosaic_type: z.string().describe('Which file, from clip.job.downloads, e.g. visual.'),
          user_agent: z.string().nullish().describe('Recorded with the egress, if given.'),
          requester_ip: z.string().nullish().describe('Recorded with the egress, if given.'),
        })
        .strict(),
    output: untyped,
  }),

  jobTileInfo: defineOperation({
    id: 'clip.job.tile_info',
    scope: 'clip:read',
    effect: 'read',
    summary: 'Get what a web map needs to show the result of a completed clip job as tiles.',
    keywords:
      'render display view preview xyz parameters layer crop output maplibre leaflet visualize cutout',
    input: () => z.object({ job_id: jobId() }).strict(),
    output: untyped,
  }),

  jobDelete: defineOperation({
    id: 'clip.job.delete',
    scope: 'clip:destroy',
    effect: 'destructive',
    summary: 'Delete a clip job together with its files in storage.',
    keywords: 'remove erase purge throw away crop outputs results clean up cutout space',
    input: () => z.object({ job_id: jobId() }).strict(),
    output: untyped,
  }),
};
