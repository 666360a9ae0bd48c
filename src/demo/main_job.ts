import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { openSandbox } from '../sandbox/open_sandbox.ts';
import type { DemoClient } from './demo_client.ts';
import { sha256Of } from './file_digest.ts';
import { printable } from './printable.ts';
import { type JobOptions, type JobReport, onStage, type Stage } from './stage.ts';

/** What the job did, as `demo --json` prints it. */
export interface MainJobReport extends JobReport {
  readonly upload_id: string;
  readonly item_ids: readonly string[];
  readonly bytes: number;
  readonly sha256_source: string;
  readonly sha256_download: string;
  readonly clip: { readonly path: string; readonly width: number; readonly height: number };
}

const uploaded = z.object({
  upload_id: z.string(),
  item_ids: z.array(z.string()).min(1),
  bytes: z.number(),
  files: z.array(z.object({ verified: z.string() })),
});
const item = z.object({
  item: z.object({
    name: z.string(),
    bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]).nullable(),
  }),
});
const assets = z.object({ assets: z.array(z.object({ key: z.string() })).min(1) });
const clipJob = z.object({ job: z.object({ id: z.string() }) });
const saved = z.object({ path: z.string(), bytes: z.number(), verified: z.string() });

/** The file has no place on Earth, so no part of it can be asked for. */
class NotGeoreferencedError extends Error {
  override readonly name = 'NotGeoreferencedError';

  constructor(fileName: string) {
    super(
      `${printable(fileName)} made no georeferenced item, so there is nothing to clip. Give a GeoTIFF in a reference system that the sandbox knows.`,
    );
  }
}

/**
 * The main job on a sandbox of its own: a real client drives this very server over stdio to upload
 * a scene, read its item back, clip it and download both, which are kept. Throws if a step fails,
 * after which nothing is left but the scene.
 */
export async function runMainJob({ file, ...options }: JobOptions): Promise<MainJobReport> {
  return onStage({ ...options, keepsFolder: true }, async (stage) => {
    const scene = await realpath(file ?? stage.sample('harbour_2024.tif'));
    const sandbox = await openSandbox({ dataDir: undefined });
    try {
      const env = { GEOPERA_API_URL: sandbox.url, GEOPERA_API_TOKEN: sandbox.token };
      const server = { env, folders: [dirname(scene), stage.folder] };
      const { projectId } = sandbox;
      return await stage.withClient(server, (client) => play(stage, { scene, client, projectId }));
    } finally {
      await sandbox.close();
    }
  });
}

interface Scenery {
  readonly scene: string;
  readonly client: DemoClient;
  readonly projectId: string;
}

async function play(
  { folder, signal, steps }: Stage,
  { scene, client, projectId }: Scenery,
): Promise<MainJobReport> {
  const { size } = await stat(scene);
  steps.say(`Uploading ${basename(scene)} (${size} bytes) into project ${projectId}`);
  const upload = uploaded.parse(
    await client.call('upload_local_file', { path: scene, project_id: projectId }, steps.bar),
  );
  const [itemId] = upload.item_ids;
  steps.done(`upload session ${upload.upload_id}, verified by ${upload.files[0]?.verified}`);

  steps.say(`Reading item ${itemId} back`);
  const reading = { operation: 'items.get', arguments: { item_id: itemId } };
  const { name, bbox } = item.parse(await client.call('call_read_operation', reading)).item;
  if (bbox === null) throw new NotGeoreferencedError(basename(scene));
  const listing = assets.parse(await client.call('items_list_assets', { item_id: itemId }));
  const keys = listing.assets.map(({ key }) => key);
  steps.done(`${name}, bbox ${bbox.map((edge) => edge.toFixed(4)).join(' ')}, assets ${keys}`);

  steps.say('Clipping the middle of it');
  const area = middleOf(bbox);
  const order = {
    operation: 'clip.create_from_item',
    arguments: { source_item_id: itemId, project_id: projectId, aoi_geometry: area },
  };
  const { id: jobId } = clipJob.parse(await client.call('call_destructive_operation', order)).job;
  steps.done(`clip job ${jobId}`);

  steps.say('Downloading the asset');
  const asset = saved.parse(
    await client.call(
      'download_asset_to_path',
      { item_id: itemId, asset_id: keys[0], path: join(folder, basename(scene)) },
      steps.bar,
    ),
  );
  steps.done(`${asset.path}, verified by ${asset.verified}`);

  steps.say('Downloading the clip');
  const clip = saved.parse(
    await client.call(
      'download_clip_to_path',
      { job_id: jobId, path: join(folder, `clip_${basename(scene)}`) },
      steps.bar,
    ),
  );
  const shape = await rasterShape(clip.path);
  steps.done(`${clip.path}, ${shape.width} × ${shape.height} pixels, verified by ${clip.verified}`);

  const [source, download] = [await sha256Of(scene, signal), await sha256Of(asset.path, signal)];
  steps.say(source === download ? 'The download is the upload, byte for byte.' : 'BYTES DIFFER');
  steps.say(`What was downloaded is kept in ${folder}`);
  return {
    ok: source === download,
    upload_id: upload.upload_id,
    item_ids: upload.item_ids,
    bytes: upload.bytes,
    sha256_source: source,
    sha256_download: download,
    clip: { path: clip.path, ...shape },
  };
}

/** The middle quarter of a bbox, as a GeoJSON polygon. */
function middleOf([west, south, east, north]: readonly [number, number, number, number]) {
  const [dx, dy] = [(east - west) / 4, (north - south) / 4];
  const [w, s, e, n] = [west + dx, south + dy, east - dx, north - dy];
  const ring = [
    [w, s],
    [e, s],
    [e, n],
    [w, n],
    [w, s],
  ];
  return { type: 'Polygon', coordinates: [ring] };
}

async function rasterShape(path: string): Promise<{ width: number; height: number }> {
  const { fromFile } = await import('geotiff');
  const tiff = await fromFile(path);
  try {
    const image = await tiff.getImage();
    return { width: image.getWidth(), height: image.getHeight() };
  } finally {
    await tiff.close();
  }
}
