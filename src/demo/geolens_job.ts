import { createHash } from 'node:crypto';
import { realpath, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import {
  type GeolensEmulator,
  type GeolensEmulatorOptions,
  startGeolensEmulator,
} from '../sandbox/geolens/geolens_emulator.ts';
import { sha256Of } from './file_digest.ts';
import { lightsGeoJson } from './harbour_lights.ts';
import { type JobOptions, type JobReport, onStage, type Stage } from './stage.ts';

/** What the job did, as `demo --service geolens --json` prints it. */
interface GeolensJobReport extends JobReport {
  readonly service: 'geolens';
  readonly presigned: DatasetReport;
  readonly form: DatasetReport;
}

interface DatasetReport {
  readonly file: string;
  readonly bytes: number;
  readonly dataset_id: string;
  readonly sha256_source: string;
  readonly sha256_arrived: string;
}

/** How many parts the scene goes in: real ones have 10 MiB, which would show a small file in one. */
const PARTS = 5;

const uploaded = z.object({
  dataset_id: z.string(),
  preview: z.record(z.unknown()),
});
/** What the instance does not know is not told. */
const raster = z.object({
  crs_epsg: z.number().optional(),
  width: z.number(),
  height: z.number(),
  band_count: z.number(),
  dtype: z.string(),
});
const vector = z.object({
  crs: z.number().optional(),
  geometry_type: z.string().optional(),
  feature_count: z.number().optional(),
});

/**
 * Makes datasets on GeoLens instances of its own, through a real client: a scene that goes to object storage in
 * parts, and a small vector file by a form, where there is no such storage. Throws if a step fails. Leaves
 * nothing.
 */
export async function runGeolensJob({ file, ...options }: JobOptions): Promise<GeolensJobReport> {
  return onStage({ ...options, keepsFolder: false }, async (stage) => {
    const { steps, folder } = stage;
    const scene = await realpath(file ?? stage.sample('harbour_2024.tif'));
    const { size } = await stat(scene);
    const partBytes = Math.max(1, Math.ceil(size / PARTS));
    steps.say(`Uploading ${basename(scene)} (${size} bytes) to object storage, in parts`);
    const storage = { thresholdBytes: partBytes, partBytes };
    const presigned = await makeDataset(stage, scene, storage);

    const lights = join(folder, 'harbour_lights.geojson');
    await writeFile(lights, lightsGeoJson());
    steps.say(`Uploading ${basename(lights)} to an instance without object storage, by a form`);
    const form = await makeDataset(stage, lights, { presignedUploads: false });

    const ok = [presigned, form].every((it) => it.sha256_source === it.sha256_arrived);
    steps.say(ok ? 'What arrived is what was sent, byte for byte.' : 'BYTES DIFFER');
    return { ok, service: 'geolens', presigned, form };
  });
}

/** Uploads one file to an instance that ends with this. */
async function makeDataset(
  stage: Stage,
  path: string,
  options: GeolensEmulatorOptions,
): Promise<DatasetReport> {
  const geolens = await startGeolensEmulator(options);
  try {
    return await upload(stage, geolens, path);
  } finally {
    await geolens.close();
  }
}

async function upload(
  { folder, signal, steps, withClient }: Stage,
  geolens: GeolensEmulator,
  path: string,
): Promise<DatasetReport> {
  const env = {
    GEOLENS_INSTANCE: geolens.instance,
    GEOLENS_API_KEY: geolens.apiKey,
    GEOPERA_STATE_DIR: join(folder, 'state'),
  };
  const answer = await withClient({ env, folders: [dirname(path)] }, (client) =>
    client.call('geolens_upload_file', { path }, steps.bar),
  );
  const { dataset_id, preview } = uploaded.parse(answer);
  for (const { parts } of geolens.state().multipart) {
    steps.done(`${parts.length} parts, put together by the storage`);
  }
  steps.done(`the instance sees ${inWords(preview)}`);
  steps.done(`dataset ${dataset_id}, private`);
  const arrived = await geolens.datasetBytes(dataset_id);
  return {
    file: basename(path),
    bytes: arrived.length,
    dataset_id,
    sha256_source: await sha256Of(path, signal),
    sha256_arrived: createHash('sha256').update(arrived).digest('hex'),
  };
}

/** What the instance saw in a file before it was asked to make a dataset of it. */
function inWords(preview: Readonly<Record<string, unknown>>): string {
  const image = raster.safeParse(preview);
  if (image.success) {
    const { crs_epsg, width, height, band_count, dtype } = image.data;
    const bands = `${band_count} band${band_count === 1 ? '' : 's'} of ${dtype}`;
    return `a raster of ${width} × ${height} pixels, ${bands}, ${crsInWords(crs_epsg)}`;
  }
  const { crs, geometry_type, feature_count } = vector.parse(preview);
  return `${feature_count ?? 'some'} features (${geometry_type ?? 'no geometry'}), ${crsInWords(crs)}`;
}

function crsInWords(epsg: number | undefined): string {
  return epsg === undefined ? 'no reference system' : `EPSG:${epsg}`;
}
