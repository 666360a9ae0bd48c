import { clip } from '../../operations/clip.ts';
import { advance, outputsOf, requireClippable } from '../clip_jobs.ts';
import type { SandboxContext } from '../context.ts';
import { refund, spend } from '../credits.ts';
import { downloadDescriptor, requireEgress } from '../download_urls.ts';
import { newId } from '../initial_state.ts';
import { assetsOf, findItem, liveItems } from '../item_records.ts';
import { type Call, handle, type OperationHandlers, type Outcome } from '../operation_handler.ts';
import { requireOrganization } from '../organizations.ts';
import { offsetPage } from '../pages.ts';
import { requireProjectEditor } from '../principals.ts';
import { notFound, ProblemError } from '../problems.ts';
import { removeItem } from '../removal.ts';
import type { Settings } from '../settings.ts';
import { type Asset, type ClipJob, polygonSchema, type StoredState } from '../state_model.ts';

/** What a clip costs here; no document says what it costs at the API. */
const CREDITS_AN_ASSET = 20;

const createFromItem = handle(clip.createFromItem, async (input, { context, principal }) => {
  const { state } = context.store;
  requireProjectEditor(state, principal, input.project_id);
  const item = findItem(state, input.source_item_id);
  const area = polygonSchema.parse(input.aoi_geometry);
  const assets = chosenAssets(assetsOf(state, item), input.asset_keys);
  for (const asset of assets) await requireClippable(context, asset, area);
  const credits = assets.length * CREDITS_AN_ASSET;
  const now = context.settings.now().toISOString();
  const job: ClipJob = {
    id: newId('job'),
    kind: 'cog_clip',
    status: 'pending',
    project_id: input.project_id,
    source_item_id: item.id,
    asset_keys: assets.map(({ key }) => key),
    aoi_geometry: area,
    output_name: input.output_name ?? null,
    polls: 0,
    error: null,
    item_ids: [],
    created_at: now,
    updated_at: now,
    created_by: principal.id,
  };
  spend(context, credits, 'clip', job.id);
  state.clip_jobs.push(job);
  await context.store.save();
  const asset_keys = job.asset_keys;
  return { json: { job: jobRecord(job), assets_to_clip: asset_keys.length, asset_keys } };
});

/** The OpenAPI leaves this answer untyped; `{jobs: […]}` is our reading. To list is no look at a job. */
const jobsList = handle(clip.jobsList, (input, { context: { store } }) => {
  requireOrganization(store.state, input.organization_id);
  const matching = store.state.clip_jobs.filter(
    ({ status }) => input.status === undefined || status === input.status,
  );
  return { json: { jobs: offsetPage(matching.toReversed(), input).map(jobRecord) } };
});

/** The files of the job go, and the items that it made with them. */
const jobDelete = handle(clip.jobDelete, async (input, { context, principal }) => {
  const { state } = context.store;
  const job = findJob(state, input.job_id);
  requireProjectEditor(state, principal, job.project_id);
  if (job.status === 'pending') refund(context, job.id);
  for (const item of liveItems(state)) {
    if (job.item_ids.includes(item.id)) await removeItem(context, item);
  }
  state.clip_jobs = state.clip_jobs.filter((other) => other !== job);
  await context.store.save();
  return { json: { deleted: true, job_id: job.id } };
});

/** The OpenAPI leaves this answer untyped; the bare job record is our reading. */
const jobGet = handle(clip.jobGet, async (input, { context }) => {
  const job = findJob(context.store.state, input.job_id);
  await advance(context, job);
  return { json: jobRecord(job) };
});

/** No document shows an entry of this list; its members are our reading. */
const jobDownloads = handle(clip.jobDownloads, async (input, { context }) => {
  const job = findJob(context.store.state, input.job_id);
  await advance(context, job);
  const downloads = completedOutputs(context, job).map((asset) => ({
    mosaic_type: asset.key,
    file_name: asset.file_name,
    size_bytes: asset.size_bytes,
    media_type: asset.media_type,
  }));
  return { json: { downloads } };
});

const jobDownload = handle(clip.jobDownload, (input, call) => {
  const { context } = call;
  const outputs = completedOutputs(context, findJob(context.store.state, input.job_id));
  const asset = outputs.find(({ key }) => key === input.mosaic_type);
  if (!asset) throw notFound('Mosaic');
  return DOWNLOAD_ANSWERS[context.settings.clipDownload](call, asset);
});

export const clipOperations: OperationHandlers = {
  ...createFromItem,
  ...jobsList,
  ...jobGet,
  ...jobDownloads,
  ...jobDownload,
  ...jobDelete,
};

/** The documents have all three; a setting chooses. */
const DOWNLOAD_ANSWERS: Readonly<
  Record<Settings['clipDownload'], (call: Call, asset: Asset) => Outcome>
> = {
  json: (call, asset) => ({ json: downloadDescriptor(call, asset) }),
  redirect: (call, asset) => ({ redirect: downloadDescriptor(call, asset).url }),
  bytes: (call, asset) => {
    requireEgress(call, asset.size_bytes);
    const object = call.context.objects.find(asset.object_path);
    if (!object) throw notFound('Mosaic');
    return { object };
  },
};

/** All raster assets, or those whose keys were named. */
function chosenAssets(assets: readonly Asset[], keys: readonly string[] | undefined): Asset[] {
  const chosen =
    keys === undefined
      ? assets.filter(({ bands }) => bands.length > 0)
      : [...new Set(keys)].map((key) => {
          const asset = assets.find((candidate) => candidate.key === key);
          if (!asset) throw notFound('Asset');
          return asset;
        });
  if (chosen.length === 0) throw new ProblemError(422, 'The item has no raster asset to clip');
  return chosen;
}

function findJob(state: StoredState, id: string): ClipJob {
  const job = state.clip_jobs.find((candidate) => candidate.id === id);
  if (!job) throw notFound('Job');
  return job;
}

/** @throws ProblemError 409 unless the job is completed */
function completedOutputs(context: SandboxContext, job: ClipJob): Asset[] {
  if (job.status === 'completed') return outputsOf(context, job);
  throw new ProblemError(409, `Clip job is ${job.status}, not completed`);
}

/** What the API shows of a job: all but how the sandbox drives it. */
function jobRecord({ polls: _hidden, ...shown }: ClipJob): Omit<ClipJob, 'polls'> {
  return shown;
}
