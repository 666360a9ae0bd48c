import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { jobRecord, pixelBox, shape, startClip } from './clip_fixture.ts';
import {
  call,
  organizationOf,
  sandboxFor,
  succeed,
  temporaryFolder,
  upload,
} from './sandbox_fixture.ts';
import { geotiffOf, ramp } from './tiff_fixture.ts';

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

  it('spends credits, which come back if it is deleted before anybody looked', async () => {
    const sandbox = await sandboxFor({ openingCredits: 30 });
    const item = await itemOf(sandbox);
    const credits = async () => (await call(sandbox, 'billing.credits.balance', {})).body;
    const { job } = await startClip(sandbox, item, pixelBox(0, 0, 2, 2));
    expect(await credits()).toMatchObject({ balance: 10 });
    const more = { source_item_id: item, project_id: sandbox.projectId };
    const area = { aoi_geometry: pixelBox(0, 0, 2, 2) };
    const answer = await call(sandbox, 'clip.create_from_item', { ...more, ...area });
    expect(answer).toMatchObject({ status: 402, body: { detail: expect.stringContaining('10') } });
    await call(sandbox, 'clip.job.delete', { job_id: job.id });
    expect(await credits()).toMatchObject({ balance: 30 });
  });

  it('is listed newest first, by state, until it is deleted with its item', async () => {
    const sandbox = await sandboxFor({ clipSteps: 1 });
    const item = await itemOf(sandbox);
    const first = await startClip(sandbox, item, pixelBox(0, 0, 2, 2));
    const second = await startClip(sandbox, item, pixelBox(0, 0, 3, 3));
    const done = await succeed(sandbox, 'clip.job.get', { job_id: first.job.id }, jobRecord);
    const organization_id = await organizationOf(sandbox);
    const ids = async (extra: object) => {
      const listing = z.object({ jobs: z.array(jobRecord) });
      const input = { organization_id, ...extra };
      return (await succeed(sandbox, 'clip.jobs.list', input, listing)).jobs.map(({ id }) => id);
    };
    expect(await ids({})).toEqual([second.job.id, first.job.id]);
    expect(await ids({ limit: 1, offset: 1 })).toEqual([first.job.id]);
    expect(await ids({ status: 'completed' })).toEqual([first.job.id]);
    await call(sandbox, 'clip.job.delete', { job_id: first.job.id });
    expect(await ids({})).toEqual([second.job.id]);
    const [made] = z.array(z.string()).parse(done['item_ids']);
    expect((await call(sandbox, 'items.get', { item_id: made })).status).toBe(404);
    expect((await call(sandbox, 'items.get', { item_id: item })).status).toBe(200);
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

  it('takes a GeoJSON area with members that it has no use for', async () => {
    const sandbox = await sandboxFor();
    const area = { ...pixelBox(0, 0, 2, 2), bbox: [0, 0, 1, 1], crs: null };
    const { job } = await startClip(sandbox, await itemOf(sandbox), area);
    expect(job.status).toBe('pending');
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
