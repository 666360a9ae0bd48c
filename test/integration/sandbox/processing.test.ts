import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { call, request, sandboxFor, succeed, upload } from './sandbox_fixture.ts';
import { geotiffOf, ramp } from './tiff_fixture.ts';

const shape = { width: 8, height: 6 };
const run = z.object({ jobID: z.string(), status: z.string(), results: z.array(z.unknown()) });
const job = z.object({ job: z.object({ id: z.string(), status: z.string() }).passthrough() });

async function uploadedItem(sandbox: Sandbox): Promise<string> {
  const raster = geotiffOf(
    ramp((length) => new Uint8Array(length), shape),
    shape,
  );
  return (await upload(sandbox, raster)).itemId;
}

async function creditsOf(sandbox: Sandbox): Promise<number> {
  const model = z.object({ balance: z.number() });
  return (await succeed(sandbox, 'billing.credits.balance', {}, model)).balance;
}

describe('a process', () => {
  it('is listed and described', async () => {
    const sandbox = await sandboxFor();
    const listing = z.object({ processes: z.array(z.object({ id: z.string() })) });
    const { processes } = await succeed(sandbox, 'processing.catalog.list', {}, listing);
    for (const { id } of processes) {
      const answer = await call(sandbox, 'processing.catalog.get', { process_id: id });
      expect(answer.body).toMatchObject({ id, inputs: { item_id: { minOccurs: 1 } } });
    }
    expect(processes.length).toBeGreaterThan(1);
  });

  it('answers nothing to inputs that are right', async () => {
    const input = { process_id: 'cloud-mask', inputs: { item_id: 'it_1', dilate: true } };
    const answer = await request(await sandboxFor(), 'processing.catalog.validate', input);
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });

  it.each([
    ['a missing input', {}, 'inputs.item_id is required'],
    ['an input of another type', { item_id: 7 }, 'inputs.item_id must be a string'],
    ['an input too many', { item_id: 'x', more: 1 }, 'inputs.more is no input of this process'],
  ])('refuses %s, wherever it comes', async (_what, inputs, detail) => {
    const sandbox = await sandboxFor();
    const input = { process_id: 'cloud-mask', inputs, workspaceId: sandbox.projectId };
    for (const operation of ['catalog.validate', 'catalog.estimate', 'execute']) {
      const answer = await call(sandbox, `processing.${operation}`, input);
      expect(answer).toMatchObject({ status: 422, body: { detail } });
    }
  });

  it('runs for what the estimate said, and makes an item where the source lies', async () => {
    const sandbox = await sandboxFor();
    const inputs = { item_id: await uploadedItem(sandbox) };
    const wanted = { process_id: 'vegetation-index', inputs };
    const price = z.object({ credits: z.number() });
    const { credits } = await succeed(sandbox, 'processing.catalog.estimate', wanted, price);
    const input = { ...wanted, workspaceId: sandbox.projectId };
    const { jobID: job_id } = await succeed(sandbox, 'processing.execute', input, run);
    expect(await creditsOf(sandbox)).toBe(50_000 - credits);
    const look = () => succeed(sandbox, 'processing.job.get', { job_id }, run);
    expect((await look()).status).toBe('running');
    expect((await look()).status).toBe('successful');
    const made = z.object({ features: z.array(z.object({ bbox: z.array(z.number()) })) });
    const search = { project_id: sandbox.projectId, type: 'derived_raster' };
    const { features } = await succeed(sandbox, 'items.search', search, made);
    const source = await succeed(
      sandbox,
      'items.get',
      inputs,
      z.object({ item: z.object({ bbox: z.array(z.number()) }) }),
    );
    expect(features).toHaveLength(1);
    features[0]?.bbox.forEach((edge, index) => {
      expect(edge).toBeCloseTo(source.item.bbox[index] ?? Number.NaN, 9);
    });
  });

  it('is not run for credits that are not there', async () => {
    const sandbox = await sandboxFor({ openingCredits: 10 });
    const input = {
      process_id: 'cloud-mask',
      workspaceId: sandbox.projectId,
      inputs: { item_id: 'x' },
    };
    expect((await call(sandbox, 'processing.execute', input)).status).toBe(402);
    const listed = await call(sandbox, 'processing.jobs.list', {});
    expect(listed.body).toMatchObject({ jobs: [], totalElements: 0 });
  });
});

describe('a job that was created', () => {
  it('waits until it is dispatched; its creation answers 201', async () => {
    const sandbox = await sandboxFor();
    const input = { project_id: sandbox.projectId, job_type_name: 'hillshade' };
    const answer = await call(sandbox, 'processing.create', input);
    expect(answer.status).toBe(201);
    const job_id = job.parse(answer.body).job.id;
    const look = async () =>
      (await succeed(sandbox, 'processing.project_job.get', { job_id }, job)).job.status;
    expect([await look(), await look()]).toEqual(['pending', 'pending']);
    expect((await call(sandbox, 'processing.dispatch', { job_id })).status).toBe(200);
    expect((await call(sandbox, 'processing.dispatch', { job_id })).status).toBe(409);
    expect([await look(), await look()]).toEqual(['running', 'successful']);
  });

  it('gives its credits back when it is deleted before anybody looked', async () => {
    const sandbox = await sandboxFor();
    const input = { job_type_name: 'hillshade' };
    const made = await succeed(sandbox, 'processing.create_and_dispatch', input, job);
    expect(await creditsOf(sandbox)).toBeLessThan(50_000);
    const gone = { job_id: made.job.id };
    expect((await call(sandbox, 'processing.job.delete', gone)).status).toBe(200);
    expect(await creditsOf(sandbox)).toBe(50_000);
    expect((await call(sandbox, 'processing.job.get', gone)).status).toBe(404);
  });

  it.each([
    ['no type', {}, 422],
    ['a type that there is not', { job_type_name: 'magic' }, 404],
    ['a project of others', { job_type_name: 'hillshade', project_id: 'proj_none' }, 404],
  ])('with %s is refused', async (_what, input, status) => {
    expect((await call(await sandboxFor(), 'processing.create', input)).status).toBe(status);
  });
});
