import { z } from 'zod';
import { estimatedBy } from './estimated_by.ts';
import { id, offsetPaging, projectId, sortOrder, workspaceId } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

const jobId = () => id('Processing job id.');
const processId = () => id('Process id, from processing.catalog.list.');

const processInputs = () =>
  z
    .record(z.unknown())
    .default({})
    .describe('Inputs by name, as processing.catalog.get describes them.');

const processRun = () => z.object({ process_id: processId(), inputs: processInputs() }).strict();

/** A free-form body that no document shows: the keys by which processing.project_jobs.list knows jobs. */
const newJob = () =>
  z
    .object({
      project_id: z.string().optional().describe('Project that receives the result.'),
      job_type_name: z
        .string()
        .optional()
        .describe('Kind of job, from processing.job_types.list, e.g. cog_clip.'),
    })
    .passthrough();

const dispatched = () =>
  z
    .object({ job: z.record(z.unknown()).optional(), dispatch: z.record(z.unknown()).optional() })
    .passthrough();

/** The published model is open and names no member. */
const startedRun = () => z.object({}).passthrough();

export const processing = {
  catalogList: defineOperation({
    id: 'processing.catalog.list',
    scope: 'processing:read',
    effect: 'read',
    summary: 'List the processes that can be run on imagery.',
    keywords:
      'algorithms tools available ogc offered functions products pansharpening orthorectification super-resolution models raster',
    input: () => z.object({}).strict(),
    output: untyped,
  }),

  catalogGet: defineOperation({
    id: 'processing.catalog.get',
    scope: 'processing:read',
    effect: 'read',
    summary: 'Describe one process: the inputs it takes and what it makes.',
    keywords:
      'algorithm parameters details arguments outputs explain ogc needs wants pansharpen tell requires',
    input: () => z.object({ process_id: processId() }).strict(),
    output: untyped,
  }),

  catalogValidate: defineOperation({
    id: 'processing.catalog.validate',
    scope: 'processing:read',
    effect: 'read',
    summary:
      'Check the inputs of a process without running it. An empty answer means that they are valid.',
    keywords: 'test verify correct right parameters dry run before beforehand errors allowed',
    input: processRun,
    output: untyped,
  }),

  catalogEstimate: defineOperation({
    id: 'processing.catalog.estimate',
    scope: 'processing:read',
    effect: 'read',
    summary: 'Price a run of a process with given inputs, without running it.',
    keywords:
      'cost how much quote credits fee budget algorithm compute expensive pansharpen beforehand',
    input: processRun,
    output: untyped,
  }),

  execute: defineOperation({
    id: 'processing.execute',
    scope: 'processing:process',
    effect: 'external_spend',
    answerSeconds: 120,
    summary:
      'Run a process on imagery: it reserves credits and starts a job. Price it with processing.catalog.estimate first, then follow the job with processing.job.get.',
    keywords:
      'launch algorithm perform apply compute trigger ogc enhance derive pansharpen orthorectify super-resolution cloud mask',
    estimate: estimatedBy('processing.catalog.estimate', 'process_id', 'inputs'),
    input: () =>
      z
        .object({ process_id: processId(), workspaceId: workspaceId(), inputs: processInputs() })
        .strict(),
    output: startedRun,
  }),

  jobTypesList: defineOperation({
    id: 'processing.job_types.list',
    scope: 'processing:read',
    effect: 'read',
    summary: 'List the kinds of processing jobs that there are.',
    keywords: 'available categories workers offered clip runs possible',
    input: () =>
      z
        .object({ category: z.string().nullish().describe('Only kinds of this category.') })
        .strict(),
    output: untyped,
  }),

  create: defineOperation({
    id: 'processing.create',
    scope: 'processing:process',
    effect: 'external_spend',
    answerSeconds: 120,
    summary:
      'Create a processing job that waits to be started with processing.dispatch. It reserves credits; where a process does the same, processing.execute says what to send.',
    keywords: 'new prepare queue make set up pending task later draft hold',
    input: newJob,
    output: untyped,
  }),

  createAndDispatch: defineOperation({
    id: 'processing.create_and_dispatch',
    scope: 'processing:process',
    effect: 'external_spend',
    answerSeconds: 120,
    summary:
      'Create a processing job and start it at once. It reserves credits; where a process does the same, processing.execute says what to send.',
    keywords: 'new run launch submit immediately together one step task straight away',
    input: newJob,
    output: untyped,
  }),

  dispatch: defineOperation({
    id: 'processing.dispatch',
    scope: 'processing:process',
    effect: 'external_spend',
    answerSeconds: 120,
    summary: 'Start a processing job that was created before and is pending.',
    keywords: 'run launch begin trigger submit worker waiting queued kick off earlier',
    input: () =>
      z
        .object({
          job_id: jobId(),
          version: z.string().default('1.0').describe('Version of the worker.'),
        })
        .strict(),
    output: dispatched,
  }),

  jobsList: defineOperation({
    id: 'processing.jobs.list',
    scope: 'processing:read',
    effect: 'read',
    summary: 'List the processing jobs of the organization, a page at a time.',
    keywords:
      'runs history status running finished failed recent tasks executions work everywhere company',
    input: () =>
      z
        .object({
          workspaceId: z.string().nullish().describe('Only jobs of this project.'),
          processId: z.string().nullish().describe('Only jobs of this process.'),
          status: z.string().nullish().describe('Only jobs in this state.'),
          ids: z.string().nullish().describe('Only these jobs: ids, by commas.'),
          page: z.number().int().default(0).describe('Page, from 0.'),
          limit: z.number().int().default(20).describe('Jobs a page.'),
          sort: sortOrder('created,desc'),
        })
        .strict(),
    output: untyped,
  }),

  jobGet: defineOperation({
    id: 'processing.job.get',
    scope: 'processing:read',
    effect: 'read',
    summary: 'Read the state of a processing job, e.g. of one that processing.execute started.',
    keywords: 'status progress poll finished check run result wait how far fail succeeded error',
    input: () => z.object({ job_id: jobId() }).strict(),
    output: untyped,
  }),

  projectJobsList: defineOperation({
    id: 'processing.project_jobs.list',
    scope: 'processing:read',
    effect: 'read',
    summary: 'List the processing jobs of one project, a page at a time.',
    keywords: 'runs history status running finished failed pending recent tasks work',
    input: () =>
      z
        .object({
          project_id: projectId(),
          status: z.string().nullish().describe('Only jobs in this state, e.g. completed.'),
          job_type_name: z.string().nullish().describe('Only jobs of this kind, e.g. cog_clip.'),
          ...offsetPaging(50),
        })
        .strict(),
    output: untyped,
  }),

  projectJobGet: defineOperation({
    id: 'processing.project_job.get',
    scope: 'processing:read',
    effect: 'read',
    summary: 'Read one processing job of a project, as its members see it.',
    keywords: 'status progress details parameters outputs finished check run how far fail state',
    input: () => z.object({ job_id: jobId() }).strict(),
    output: untyped,
  }),

  jobTileInfo: defineOperation({
    id: 'processing.job.tile_info',
    scope: 'clip:read',
    effect: 'read',
    summary: 'Get what a web map needs to show the result of a completed processing job as tiles.',
    keywords:
      'render display view preview xyz parameters layer output bathymetry maplibre leaflet visualize',
    input: () => z.object({ job_id: jobId() }).strict(),
    output: untyped,
  }),

  jobDelete: defineOperation({
    id: 'processing.job.delete',
    scope: 'clip:destroy',
    effect: 'destructive',
    summary: 'Delete a processing job of the organization, whatever its kind.',
    keywords: 'remove erase purge discard run task clean up mistake old failed cancel',
    input: () => z.object({ job_id: jobId() }).strict(),
    output: untyped,
  }),
};
