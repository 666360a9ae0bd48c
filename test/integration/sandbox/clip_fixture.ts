import { fromArrayBuffer } from 'geotiff';
import { expect } from 'vitest';
import { z } from 'zod';
import { projectionOf } from '../../../src/sandbox/projections.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { descriptor, succeed } from './sandbox_fixture.ts';

export const jobRecord = z.object({ id: z.string(), status: z.string() }).passthrough();
const created = z.object({
  job: jobRecord,
  assets_to_clip: z.number(),
  asset_keys: z.array(z.string()),
});

const ORIGIN = [500_000, 6_000_000] as const;
/** Size of the test raster in pixels. */
export const shape = { width: 8, height: 6 };

/** A rectangle of pixels of the 10 m test raster as a polygon in longitude and latitude. */
export function pixelBox(left: number, top: number, right: number, bottom: number) {
  const corners = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
    [left, top],
  ];
  return polygonOf(corners);
}

export function polygonOf(pixels: number[][]) {
  const utm = projectionOf(32755);
  if (!utm) throw new Error('no projection');
  const ring = pixels.map(([column = 0, row = 0]) => [
    ...utm.toLonLat([ORIGIN[0] + column * 10, ORIGIN[1] - row * 10]),
  ]);
  return { type: 'Polygon', coordinates: [ring] };
}

export async function startClip(sandbox: Sandbox, itemId: string, area: unknown) {
  const input = { source_item_id: itemId, project_id: sandbox.projectId, aoi_geometry: area };
  return succeed(sandbox, 'clip.create_from_item', input, created);
}

/** Polls to the end, then reads the one output back. */
export async function clipped(sandbox: Sandbox, itemId: string, area: unknown) {
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
