import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { clipped, pixelBox, polygonOf, shape } from './clip_fixture.ts';
import { call, sandboxFor, upload } from './sandbox_fixture.ts';
import { geotiffOf, geotiffWithMetadata, ramp, type Samples } from './tiff_fixture.ts';

const KINDS: readonly [string, (length: number) => Samples, number][] = [
  ['Uint8', (length) => new Uint8Array(length), 1],
  ['Uint16', (length) => new Uint16Array(length), 1],
  ['Int16', (length) => new Int16Array(length), 2],
  ['Uint32', (length) => new Uint32Array(length), 1],
  ['Int32', (length) => new Int32Array(length), 2],
  ['Float32', (length) => new Float32Array(length), 3],
  ['Float64', (length) => new Float64Array(length), 3],
];

/** The lower left half of a window of 4 × 4 pixels, as the samples of that window. */
async function clippedToTriangle(samples: Samples, nodata: string | undefined) {
  const sandbox = await sandboxFor();
  const options = nodata === undefined ? shape : { ...shape, nodata };
  const { itemId } = await upload(sandbox, geotiffOf(samples, options));
  const triangle = polygonOf([
    [0, 0],
    [4, 4],
    [0, 4],
    [0, 0],
  ]);
  const { image } = await clipped(sandbox, itemId, triangle);
  return Array.from(await image.readRasters({ interleave: true }));
}

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
    const samples = ramp((length) => new Int16Array(length), shape);
    const values = await clippedToTriangle(samples, '-9999');
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
    const samples = ramp((length) => new Uint8Array(length), shape);
    const values = await clippedToTriangle(samples, nodata);
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
