import { z } from 'zod';
import { type Given, parseBody } from '../body_validation.ts';
import { jsonAnswer } from '../delivery.ts';
import { readJsonBody } from '../json_body.ts';
import { ProblemError } from '../problems.ts';
import type { Act } from './exchange.ts';
import { dropFile, jobOf } from './geolens_world.ts';
import { type CommitMetadata, failJob, type IngestJob } from './ingest_job.ts';
import { requirePlainLayer } from './preview.ts';

const datetime = () => z.string().datetime({ offset: true, local: true }).optional();

/** All that a commit may bring, whatever the kind of file. */
const requestModel = z.object({
  title: z.string().min(1).max(500),
  summary: z.string().max(5000).optional(),
  visibility: z.enum(['private', 'restricted', 'internal', 'public']).default('private'),
  temporal_start: datetime(),
  temporal_end: datetime(),
  srid_override: z.number().int().min(1).max(998_999).optional(),
  layer_name: z.string().optional(),
  x_column: z.string().optional(),
  y_column: z.string().optional(),
  geom_column: z.string().optional(),
  compression: z.string().optional(),
  resampling: z.string().optional(),
  nodata_override: z.union([z.number(), z.string()]).optional(),
  token: z.string().optional(),
});

type Wish = Given<z.output<typeof requestModel>>;

/** Queues the import. It is no repetition to send it twice: a second task is queued then. */
export const commitImport: Act = async (world, { request, jobId, caller, fault }) => {
  const wish = parseBody(requestModel, await readJsonBody(request));
  const job = await jobOf(world, jobId, caller);
  if (job.status !== 'pending') throw new ProblemError(400, 'Job already processed');
  requireLayer(job, wish.layer_name);
  if (!job.file) throw new ProblemError(400, 'The job has no file');
  job.metadata = metadataOf(job, wish);
  if (fault && 'queue_down' in fault) {
    failJob(job, 'The job could not be queued', world.settings.now());
    await dropFile(world, job);
    throw new ProblemError(503, 'The job could not be queued');
  }
  if (fault && 'job_fails' in fault) job.doomedBy = fault.job_fails;
  job.commits += 1;
  job.tasksQueued += 1;
  return jsonAnswer(202, { job_id: job.id, status: 'pending', message: 'The import is queued' });
};

/** Only a preview knows which layers there are. @throws ProblemError 422 */
function requireLayer({ layers }: IngestJob, layer: string | undefined): void {
  requirePlainLayer(layer);
  if (layer === undefined || layers === undefined || layers.includes(layer)) return;
  throw new ProblemError(422, `The file has no layer '${layer}'. It has: ${layers.join(', ')}`);
}

const OF_VECTORS = ['layer_name', 'x_column', 'y_column', 'geom_column'] as const;
const OF_RASTERS = ['compression', 'resampling', 'nodata_override'] as const;

/** What concerns another kind of file is passed over without a word, and a token is never kept. */
function metadataOf({ raster }: IngestJob, { token: _token, ...wish }: Wish): CommitMetadata {
  const foreign = new Set<string>(raster ? OF_VECTORS : OF_RASTERS);
  const kept = Object.entries(wish).filter(([name]) => !foreign.has(name));
  return { ...Object.fromEntries(kept), title: wish.title };
}
