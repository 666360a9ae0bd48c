import type { SandboxContext } from './context.ts';
import { refund } from './credits.ts';
import { newAsset, newItem, slug } from './ingest.ts';
import { newId } from './initial_state.ts';
import { assetsOf, liveItems } from './item_records.ts';
import { ProblemError } from './problems.ts';
import { ClipError, clipBytes, planClip } from './raster_clip.ts';
import { describeFile } from './raster_facts.ts';
import type { Asset, ClipJob, Item, Polygon } from './state_model.ts';
import { TiffUnreadableError, withTiff } from './tiff_file.ts';

const OUTPUT_MEDIA_TYPE = 'image/tiff; application=geotiff';

const running = new WeakMap<ClipJob, Promise<void>>();

/**
 * Moves a job on by one poll: pending, then running, then, at the last of `clipSteps` polls, the
 * cut itself. Nothing runs between polls, so a test sees every state.
 */
export async function advance(context: SandboxContext, job: ClipJob): Promise<void> {
  const cutting = running.get(job);
  if (cutting) return cutting;
  if (job.status === 'completed' || job.status === 'failed') return;
  job.polls += 1;
  job.status = 'running';
  if (job.polls >= context.settings.clipSteps) {
    const cut = finish(context, job).finally(() => running.delete(job));
    running.set(job, cut);
    await cut;
  }
  job.updated_at = context.settings.now().toISOString();
  await context.store.save();
}

/** @throws ProblemError 422 if an asset is no raster, or the area misses it */
export async function requireClippable(
  context: SandboxContext,
  asset: Asset,
  area: Polygon,
): Promise<void> {
  const object = context.objects.find(asset.object_path);
  if (!object) throw new ProblemError(422, 'The asset has no file');
  try {
    await withTiff(context.objects.diskPath(object), async (tiff) => {
      planClip(await tiff.getImage(0), area);
    });
  } catch (error) {
    if (!(error instanceof ClipError || error instanceof TiffUnreadableError)) throw error;
    throw new ProblemError(422, error.message);
  }
}

/** The files of a completed job: the assets of the item that it made. */
export function outputsOf({ store }: SandboxContext, job: ClipJob): Asset[] {
  return store.state.assets.filter((asset) => job.item_ids.includes(asset.item_id));
}

async function finish(context: SandboxContext, job: ClipJob): Promise<void> {
  try {
    await cutAll(context, job);
    job.status = 'completed';
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    job.status = 'failed';
    refund(context, job.id);
    job.error = failureText(error);
  }
}

/** A file system error would tell where the sandbox keeps its files. */
function failureText(error: Error): string {
  if ('code' in error && error.code === 'ENOENT') return 'The source file is gone';
  return 'code' in error ? 'The source could not be read' : error.message;
}

async function cutAll(context: SandboxContext, job: ClipJob): Promise<void> {
  const { store } = context;
  const source = liveItems(store.state).find(({ id }) => id === job.source_item_id);
  if (!source) throw new ClipError('The source item is gone');
  const now = context.settings.now().toISOString();
  const itemId = newId('it');
  const outputs = [];
  for (const key of job.asset_keys) {
    const asset = assetsOf(store.state, source).find((candidate) => candidate.key === key);
    if (!asset) throw new ClipError('The source asset is gone');
    outputs.push({ key, ...(await cut(context, job, asset)) });
  }
  const name = job.output_name ?? `${source.name} clip`;
  const item: Item = {
    ...newItem(job.project_id, name, outputs[0]?.facts, now),
    id: itemId,
    type: 'clip',
    collection_id: source.collection_id,
    job_id: job.id,
    created_by: job.created_by,
  };
  store.state.items.push(item);
  store.state.assets.push(...outputs.map((output) => newAsset(itemId, output.key, output, now)));
  job.item_ids = [itemId];
}

async function cut(context: SandboxContext, job: ClipJob, asset: Asset) {
  const { objects } = context;
  const source = objects.find(asset.object_path);
  if (!source) throw new ClipError('The source file is gone');
  const fileName = `${slug(job.output_name ?? asset.file_name)}_${slug(asset.key)}.tif`;
  const objectPath = `clips/${job.id}/${asset.key}/${fileName}`;
  const object = await withTiff(objects.diskPath(source), async (tiff) => {
    const plan = planClip(await tiff.getImage(0), job.aoi_geometry);
    return objects.write(objectPath, OUTPUT_MEDIA_TYPE, clipBytes(plan));
  });
  const file = { file_name: fileName, content_type: OUTPUT_MEDIA_TYPE, object_path: objectPath };
  return { file, object, facts: await describeFile(objects.diskPath(object)) };
}
