import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fromArrayBuffer } from 'geotiff';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { projectionOf } from '../../../src/sandbox/projections.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import {
  call,
  descriptor,
  sandboxFor,
  succeed,
  temporaryFolder,
  upload,
} from './sandbox_fixture.ts';
import { geotiffOf, geotiffWithMetadata, ramp, type Samples } from './tiff_fixture.ts';

const jobRecord = z.object({ id: z.string(), status: z.string() }).passthrough();
const created = z.object({
  job: jobRecord,
  assets_to_clip: z.number(),
  asset_keys: z.array(z.string()),
});

const ORIGIN = [500_000, 6_000_000] as const;
const shape = { width: 8, height: 6 };

/** A rectangle of pixels of the 10 m test raster as a polygon in longitude and latitude. */
function pixelBox(left: number, top: number, right: number, bottom: number) {
  const corners = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
    [left, top],
  ];
  return polygonOf(corners);
}

function polygonOf(pixels: number[][]) {
  const utm = projectionOf(32755);
  if (!utm) throw new Error('no projection');
  const ring = pixels.map(([column = 0, row = 0]) => [
    ...utm.toLonLat([ORIGIN[0] + column * 10, ORIGIN[1] - row * 10]),
  ]);
  return { type: 'Polygon', coordinates: [ring] };
}

async function startClip(sandbox: Sandbox, itemId: string, area: unknown) {
  const input = { source_item_id: itemId, project_id: sandbox.projectId, aoi_geometry: area };
  return succeed(sandbox, 'clip.create_from_item', input, created);
}

/** Polls to the end, then reads the one output back. */
async function clipped(sandbox: Sandbox, itemId: string, area: unknown) {
  const { job } = await startClip(sandbox, itemId, area);
  await succeed(sandbox, 'clip.job.get', { job_id: job.id }, jobRecord);
  const done = await succeed(sandbox, 'clip.job.get', { job_id: job.id }, jobRecord);
  expect(done).toMatchObject({ status: 'completed', error: null });
  const input = { job_id: job.id, mosaic_type: 'data' };
  const { url } = await succeed(sandbox, 'clip.job.download', input, descriptor);
  const bytes = await (await fetch(url)).arrayBuffer();
  const tiff = await fromArrayBuffer(bytes);
  return { jobId: job.id, image: await tiff.getImage(0) };
}

const KINDS: readonly [string, (length: number) => Samples, number][] = [
  ['Uint8', (length) => new Uint8Array(length), 1],
  ['Uint16', (length) => new Uint16Array(length), 1],
  ['Int16', (length) => new Int16Array(length), 2],
  ['Uint32', (length) => new Uint32Array(length), 1],
  ['Int32', (length) => new Int32Array(length), 2],
  ['Float32', (length) => new Float32Array(length), 3],
  ['Float64', (length) => new Float64Array(length), 3],
];

describe('a clip', () => {
  it.each(KINDS)('cuts the window of a %s raster', async (name, make, format) => {
    const sandbox = await sandboxFor();
    const samples = ramp(make, shape);
    if (name.startsWith('Int')) samples[3 * 8 + 2] = -1234;
    const { itemId } = await upload(sandbox, geotiffOf(samples, shape));
    const { image } = await clipped(sandbox, itemId, pixelBox(2.5, 1.5, 4.5, 3.5));
    expect([image.getWidth(), image.getHeight()]).toEqual([3, 3]);
    expect(image.getSampleFormat(0)).toBe(format);
    expect(image.getBitsPerSample(0)).toBe(samples.BYTES_PER_ELEMENT * 8);
    const values = await image.readRasters({ interleave: true });
    const expected = [1, 2, 3].flatMap((row) =>
      [2, 3, 4].map((column) => samples[row * 8 + column]),
    );
    expect(Array.from(values)).toEqual(expected);
  });

  it('keeps all bands, the reference system and the place', async () => {
    const sandbox = await sandboxFor();
    const bands = { ...shape, bands: 4 };
    const samples = ramp((length) => new Uint16Array(length), bands);
    const { itemId } = await upload(sandbox, geotiffOf(samples, { ...bands, nodata: '0' }));
    const { image } = await clipped(sandbox, itemId, pixelBox(1, 2, 7, 5));
    expect(image.getSamplesPerPixel()).toBe(4);
    expect(image.getGeoKeys()).toMatchObject({
      GTModelTypeGeoKey: 1,
      ProjectedCSTypeGeoKey: 32755,
    });
    expect(image.getGDALNoData()).toBe(0);
    const [minX, minY, maxX, maxY] = image.getBoundingBox();
    expect([minX, minY, maxX, maxY]).toEqual([500_010, 5_999_950, 500_070, 5_999_980]);
    const values = await image.readRasters({ interleave: true });
    expect(values[0]).toBe(samples[(2 * 8 + 1) * 4]);
    expect(values[3]).toBe(samples[(2 * 8 + 1) * 4 + 3]);
  });

  it('sets pixels outside the polygon to nodata', async () => {
    const sandbox = await sandboxFor();
    const samples = ramp((length) => new Int16Array(length), shape);
    const { itemId } = await upload(sandbox, geotiffOf(samples, { ...shape, nodata: '-9999' }));
    const triangle = polygonOf([
      [0, 0],
      [4, 4],
      [0, 4],
      [0, 0],
    ]);
    const { image } = await clipped(sandbox, itemId, triangle);
    const values = Array.from(await image.readRasters({ interleave: true }));
    const rows = [0, 1, 2, 3].map((row) => values.slice(row * 4, row * 4 + 4));
    const outside = rows.map((row) => row.filter((value) => value === -9999).length);
    expect(outside.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(6);
    expect(rows[0]?.slice(1)).toEqual([-9999, -9999, -9999]);
    expect(rows[3]?.slice(0, 3)).toEqual([samples[24], samples[25], samples[26]]);
  });

  it.each([
    ['there is no nodata value', undefined],
    ['the samples cannot hold the nodata value', '-9999'],
  ])('keeps the whole window where %s', async (_why, nodata) => {
    const sandbox = await sandboxFor();
    const samples = ramp((length) => new Uint8Array(length), shape);
    const options = nodata === undefined ? shape : { ...shape, nodata };
    const { itemId } = await upload(sandbox, geotiffOf(samples, options));
    const triangle = polygonOf([
      [0, 0],
      [4, 4],
      [0, 4],
      [0, 0],
    ]);
    const { image } = await clipped(sandbox, itemId, triangle);
    const values = Array.from(await image.readRasters({ interleave: true }));
    expect(values.slice(0, 4)).toEqual(Array.from(samples.slice(0, 4)));
  });

  it('keeps many bands, whose fields fill more than a kilobyte', async () => {
    const sandbox = await sandboxFor();
    const bands = { ...shape, bands: 60 };
    const samples = ramp((length) => new Uint16Array(length), bands);
    const { itemId } = await upload(sandbox, geotiffOf(samples, bands));
    const { image } = await clipped(sandbox, itemId, pixelBox(0, 0, 8, 6));
    expect(Array.from(await image.readRasters({ interleave: true }))).toEqual(Array.from(samples));
  });

  it('reads across strips', async () => {
    const sandbox = await sandboxFor();
    const tall = { width: 3, height: 200 };
    const samples = ramp((length) => new Float32Array(length), tall);
    const { itemId } = await upload(sandbox, geotiffOf(samples, tall));
    const { image } = await clipped(sandbox, itemId, pixelBox(-5, 10, 9, 190));
    expect([image.getWidth(), image.getHeight()]).toEqual([3, 180]);
    const values = Array.from(await image.readRasters({ interleave: true }));
    expect(values).toEqual(Array.from(samples.slice(30, 570)));
  });

  it('keeps band names, but no statistics of the whole raster', async () => {
    const sandbox = await sandboxFor();
    const metadata =
      '<GDALMetadata><Item name="STATISTICS_MEAN" sample="0">5</Item><Item name="DESCRIPTION" sample="0">red</Item></GDALMetadata>';
    const bytes = geotiffWithMetadata(new Uint8Array(48), shape, metadata);
    const { itemId } = await upload(sandbox, bytes);
    const { image } = await clipped(sandbox, itemId, pixelBox(0, 0, 2, 2));
    expect(await image.getGDALMetadata(0)).toEqual({ DESCRIPTION: 'red' });
  });

  it('leaves its output in the project as an item of the job', async () => {
    const sandbox = await sandboxFor();
    const samples = ramp((length) => new Uint8Array(length), shape);
    const { itemId } = await upload(sandbox, geotiffOf(samples, shape));
    const { jobId } = await clipped(sandbox, itemId, pixelBox(0, 0, 2, 2));
    const answer = await call(sandbox, 'items.list', { project_id: sandbox.projectId });
    const listing = z.object({ items: z.array(z.record(z.unknown())) }).parse(answer.body);
    expect(listing.items[1]).toMatchObject({
      type: 'clip',
      job_id: jobId,
      upload_id: null,
      properties: { 'proj:shape': [2, 2], 'proj:code': 'EPSG:32755' },
    });
  });
});

describe('a clip job', () => {
  async function itemOf(sandbox: Sandbox): Promise<string> {
    const samples = ramp((length) => new Uint8Array(length), shape);
    return (await upload(sandbox, geotiffOf(samples, shape))).itemId;
  }

  it('goes from pending over running to completed, a poll at a time', async () => {
    const sandbox = await sandboxFor({ clipSteps: 3 });
    const started = await startClip(sandbox, await itemOf(sandbox), pixelBox(0, 0, 2, 2));
    expect(started).toMatchObject({
      job: { status: 'pending', kind: 'cog_clip' },
      assets_to_clip: 1,
      asset_keys: ['data'],
    });
    const id = { job_id: started.job.id };
    expect((await call(sandbox, 'clip.job.download', { ...id, mosaic_type: 'data' })).status).toBe(
      409,
    );
    expect((await succeed(sandbox, 'clip.job.get', id, jobRecord)).status).toBe('running');
    expect((await call(sandbox, 'clip.job.downloads', id)).status).toBe(409);
    const listing = await call(sandbox, 'clip.job.downloads', id);
    expect(listing.body).toMatchObject({
      downloads: [{ mosaic_type: 'data', file_name: 'scene_data.tif' }],
    });
    const unknown = { ...id, mosaic_type: 'visual' };
    expect((await call(sandbox, 'clip.job.download', unknown)).status).toBe(404);
  });

  it('cuts once for two polls at the same time', async () => {
    const sandbox = await sandboxFor({ clipSteps: 1 });
    const { job } = await startClip(sandbox, await itemOf(sandbox), pixelBox(0, 0, 2, 2));
    const poll = () => succeed(sandbox, 'clip.job.get', { job_id: job.id }, jobRecord);
    const polls = await Promise.all([poll(), poll()]);
    expect(polls.map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect(polls.map((poll) => poll['item_ids'])).toEqual([
      expect.arrayContaining([expect.any(String)]),
      polls[0]?.['item_ids'],
    ]);
  });

  it('answers with a redirect where told to', async () => {
    const sandbox = await sandboxFor({ clipDownload: 'redirect', clipSteps: 1 });
    const { job } = await startClip(sandbox, await itemOf(sandbox), pixelBox(0, 0, 2, 2));
    await call(sandbox, 'clip.job.get', { job_id: job.id });
    const response = await fetch(`${sandbox.url}/v1/clip/job/download`, {
      method: 'POST',
      headers: { 'X-API-Key': sandbox.token },
      body: JSON.stringify({ job_id: job.id, mosaic_type: 'data' }),
      redirect: 'manual',
    });
    expect(response.status).toBe(307);
    const file = await fetch(response.headers.get('location') ?? '');
    expect(file.status).toBe(200);
  });

  it('answers with the bytes where told to, and counts them', async () => {
    const sandbox = await sandboxFor({ clipDownload: 'bytes', clipSteps: 1 });
    const { job } = await startClip(sandbox, await itemOf(sandbox), pixelBox(0, 0, 2, 2));
    await call(sandbox, 'clip.job.get', { job_id: job.id });
    const response = await fetch(`${sandbox.url}/v1/op/clip.job.download`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${sandbox.token}` },
      body: JSON.stringify({ job_id: job.id, mosaic_type: 'data' }),
    });
    const bytes = await response.arrayBuffer();
    expect(response.headers.get('content-type')).toContain('image/tiff');
    expect(sandbox.state().egress_bytes).toBe(bytes.byteLength);
  });

  it.each([
    ['misses the raster', () => pixelBox(100, 100, 120, 120), {}, 422],
    ['names an unknown asset', () => pixelBox(0, 0, 2, 2), { asset_keys: ['visual'] }, 404],
    ['names another project', () => pixelBox(0, 0, 2, 2), { project_id: 'proj_x' }, 404],
    ['names an unknown item', () => pixelBox(0, 0, 2, 2), { source_item_id: 'it_x' }, 404],
    ['is no polygon', () => ({ type: 'Point', coordinates: [0, 0] }), {}, 422],
  ])('is refused where the request %s', async (_what, area, extra, status) => {
    const sandbox = await sandboxFor();
    const input = {
      source_item_id: await itemOf(sandbox),
      project_id: sandbox.projectId,
      aoi_geometry: area(),
      ...extra,
    };
    expect((await call(sandbox, 'clip.create_from_item', input)).status).toBe(status);
  });

  it('is refused for a file that is no raster', async () => {
    const sandbox = await sandboxFor();
    const { itemId } = await upload(sandbox, Buffer.from('text'));
    const input = {
      source_item_id: itemId,
      project_id: sandbox.projectId,
      aoi_geometry: pixelBox(0, 0, 2, 2),
    };
    expect((await call(sandbox, 'clip.create_from_item', input)).status).toBe(422);
    const named = { ...input, asset_keys: ['data'] };
    expect((await call(sandbox, 'clip.create_from_item', named)).status).toBe(422);
  });

  it('fails, and says so, when its source has vanished', async () => {
    const dataDir = await temporaryFolder();
    const sandbox = await sandboxFor({ dataDir, clipSteps: 1 });
    const { job } = await startClip(sandbox, await itemOf(sandbox), pixelBox(0, 0, 2, 2));
    const objects = join(dataDir, 'objects');
    for (const name of await readdir(objects)) await rm(join(objects, name));
    const answer = await succeed(sandbox, 'clip.job.get', { job_id: job.id }, jobRecord);
    expect(answer).toMatchObject({ status: 'failed', error: 'The source file is gone' });
    expect((await call(sandbox, 'clip.job.downloads', { job_id: job.id })).status).toBe(409);
  });
});
