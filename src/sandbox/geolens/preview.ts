import { parse } from 'node:path';
import { type Answer, jsonAnswer } from '../delivery.ts';
import { ProblemError } from '../problems.ts';
import type { Act } from './exchange.ts';
import { jobOf } from './geolens_world.ts';
import type { IngestJob, JobFile } from './ingest_job.ts';
import { rasterFacts } from './raster_preview.ts';
import { geometryColumns, vectorFacts } from './vector_preview.ts';

/** Looks into the file of a job; its shape depends on whether it is a raster. */
export const previewFile: Act = async (world, { jobId, caller, query }) => {
  const layer = query.get('layer_name') ?? undefined;
  requirePlainLayer(layer);
  const job = await jobOf(world, jobId, caller);
  if (job.status !== 'pending') throw new ProblemError(400, 'Job already processed');
  if (!job.file) throw new ProblemError(400, 'The upload must be completed before a preview');
  return job.raster ? previewRaster(job, job.file) : previewVector(job, job.file, layer);
};

/** What goes on to a command must not look like an option of it. @throws ProblemError 422 */
export function requirePlainLayer(layer: string | undefined): void {
  if (layer?.startsWith('-')) throw new ProblemError(422, 'A layer name must not begin with "-"');
}

const UNREADABLE = 'The file cannot be previewed: it may be damaged, or of a kind not supported';

async function previewRaster(job: IngestJob, { path }: JobFile): Promise<Answer> {
  const facts = await rasterFacts(path);
  if (!facts) throw new ProblemError(422, UNREADABLE);
  return jsonAnswer(200, { job_id: job.id, source_filename: job.filename, ...facts });
}

async function previewVector(
  job: IngestJob,
  { path }: JobFile,
  layer: string | undefined,
): Promise<Answer> {
  const facts = await vectorFacts(path, job.filename);
  const layers = facts?.layers ?? [];
  const missing = layer !== undefined && layers.length > 0 && !layers.includes(layer);
  if (!facts || missing) throw new ProblemError(422, UNREADABLE);
  if (layers.length > 0) job.layers = layers;
  return jsonAnswer(200, {
    job_id: job.id,
    source_filename: job.filename,
    columns: facts.columns,
    crs: facts.crs,
    geometry_type: facts.geometryType,
    feature_count: facts.featureCount,
    sample_rows: facts.sampleRows,
    layer_name: layer ?? layers[0] ?? parse(job.filename).name,
    layers: layers.length > 1 ? layers.map(layerFacts) : null,
    detected_geometry_columns: geometryColumns(facts),
  });
}

function layerFacts(name: string) {
  return { name, feature_count: null, field_count: null };
}
