import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type GeolensEmulator,
  type GeolensEmulatorOptions,
  startGeolensEmulator,
} from '../../../src/sandbox/geolens/geolens_emulator.ts';
import { csv, zipOf } from '../sandbox/geolens/geolens_fixture.ts';
import { startWorld, type World, type WorldOptions } from '../world.ts';
import { SMALL_PARTS } from './geolens_world.ts';

const ending: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

interface ToolWorld extends World {
  readonly emulator: GeolensEmulator;
  write(name: string, bytes: Uint8Array): Promise<string>;
}

async function toolWorld(
  options: GeolensEmulatorOptions = {},
  { config, ...more }: WorldOptions = {},
): Promise<ToolWorld> {
  const emulator = await startGeolensEmulator(options);
  ending.push(() => emulator.close());
  const { instance: geolensInstance, apiKey: geolensApiKey } = emulator;
  const settings = { geolensInstance, geolensApiKey, toolsets: ['default'], ...config };
  const world = await startWorld({ ...more, config: settings });
  ending.push(() => world.close());
  return {
    ...world,
    emulator,
    async write(name, bytes) {
      const path = join(world.folder, name);
      await writeFile(path, bytes);
      return path;
    },
  };
}

describe('geolens_upload_file', () => {
  it.each<[string, GeolensEmulatorOptions]>([
    ['single_put', {}],
    ['parts', SMALL_PARTS],
    ['form', { presignedUploads: false }],
  ])('answers the dataset, with what was seen in the file (%s)', async (way, options) => {
    const { write, call, emulator } = await toolWorld(options);
    const path = await write('Port calls.csv', csv(3));
    const { facts, isError } = await call('geolens_upload_file', { path });
    expect(isError).toBe(false);
    const [dataset] = emulator.state().datasets;
    expect(facts).toMatchObject({
      status: 'completed',
      dataset_id: dataset?.id,
      job_status: 'complete',
      title: 'Port calls',
      visibility: 'private',
      sent_by: way,
      bytes: csv(3).length,
      preview: { feature_count: 3, columns: [{ name: 'name' }, { name: 'lon' }, { name: 'lat' }] },
    });
    expect(facts).not.toHaveProperty('next');
    expect(dataset).toMatchObject({ title: 'Port calls', visibility: 'private' });
  });

  it('answers the job, and how to go on, where it does not wait', async () => {
    const { write, call, emulator } = await toolWorld();
    const path = await write('a.csv', csv(1));
    const { facts } = await call('geolens_upload_file', { path, wait: false, title: 'Berths' });
    const [job] = emulator.state().jobs;
    expect(facts).toMatchObject({ job_id: job?.id, job_status: 'pending', title: 'Berths' });
    expect(facts['next']).toContain(`geolens_job_status with job_id ${job?.id}`);
    const looked = await call('geolens_job_status', { job_id: job?.id });
    expect(looked.facts).toMatchObject({ id: job?.id, status: 'pending' });
  });

  it('joins the same call, and does not send the file twice', async () => {
    const { write, call, emulator } = await toolWorld();
    const path = await write('a.csv', csv(1));
    const calls = [true, true, false].map((wait) => call('geolens_upload_file', { path, wait }));
    const [one, ...others] = (await Promise.all(calls)).map(({ facts }) => facts['dataset_id']);
    expect(others).toEqual([one, one]);
    expect(emulator.state().datasets).toHaveLength(1);
  });

  it('takes a number where nodata is one', async () => {
    const { write, call, emulator } = await toolWorld({ presignedUploads: false });
    const path = await write('a.csv', csv(1));
    const args = { path, nodata_override: -9999, wait: false };
    expect((await call('geolens_upload_file', args)).isError).toBe(false);
    // The service passes over what is for rasters alone.
    expect(emulator.state().jobs).toMatchObject([{ metadata: { title: 'a' } }]);
  });

  it.each<[string, object, string]>([
    ['outside', { path: '/etc/hosts' }, 'path_outside'],
    ['unknown extension', { file_name: 'a.exe' }, 'geolens_file_extension'],
    ['a path for a name', { file_name: '../a.csv' }, 'geolens_file_name'],
    ['a bad visibility', { visibility: 'secret' }, 'invalid_arguments'],
    ['an empty column', { x_column: '' }, 'invalid_arguments'],
  ])('refuses %s before anything is sent', async (_what, args, code) => {
    const { write, call, emulator } = await toolWorld();
    const path = await write('a.csv', csv(1));
    const answer = await call('geolens_upload_file', { path, ...args });
    expect(answer).toMatchObject({ isError: true, errorCode: code });
    expect(emulator.state().jobs).toEqual([]);
  });

  it('says which layers there are, and how the file is used without sending it again', async () => {
    const { write, call, emulator } = await toolWorld();
    const zip = zipOf({ 'roads.shp': '', 'rivers.shp': '' });
    const path = await write('map.zip', zip);
    const refused = await call('geolens_upload_file', { path });
    expect(refused).toMatchObject({ isError: true, errorCode: 'layer_not_chosen' });
    const [job] = emulator.state().jobs;
    expect(refused.text).toContain('roads, rivers');
    expect(refused.text).toContain('within a day');
    expect(refused.text).toContain(`geolens_commit with job_id ${job?.id}`);
    const wish = { job_id: job?.id, title: 'Rivers', layer_name: 'rivers' };
    expect((await call('geolens_commit', wish)).isError).toBe(false);
    expect(emulator.state().jobs).toMatchObject([{ metadata: { layer_name: 'rivers' } }]);
  });

  it('says that a file which arrived need not be sent again', async () => {
    const { write, call, emulator } = await toolWorld();
    emulator.inject({ on: 'commit', do: { status: 422, body: 'x_column: no such column' } });
    const path = await write('a.csv', csv(1));
    const refused = await call('geolens_upload_file', { path, x_column: 'east' });
    const [job] = emulator.state().jobs;
    expect(refused).toMatchObject({ isError: true, errorCode: 'geolens_invalid_input' });
    expect(refused.text).toContain(`geolens_commit with job_id ${job?.id}`);
    const wish = { job_id: job?.id, title: 'a', x_column: 'lon' };
    expect((await call('geolens_commit', wish)).isError).toBe(false);
    expect(emulator.state().calls).toMatchObject({ presigned: 1, commit: 2 });
  });

  it('commits no file whose one layer is another than was asked for', async () => {
    const { write, call, emulator } = await toolWorld();
    const path = await write('a.csv', csv(1));
    const refused = await call('geolens_upload_file', { path, layer_name: 'lakes' });
    expect(refused.errorCode).toBe('layer_not_chosen');
    expect(refused.text).toContain("The file has 1 layer, and none is called 'lakes': a.");
    expect(emulator.state().calls['commit']).toBeUndefined();
  });

  it('names no job whose id was never heard', async () => {
    const { write, call, emulator } = await toolWorld({ presignedUploads: false });
    emulator.inject({ on: 'upload', do: { lose_answer: true } });
    const { text } = await call('geolens_upload_file', { path: await write('a.csv', csv(1)) });
    expect(text).toContain('What may have arrived of the file stayed: nobody can read that');
  });

  it('says what is unknown after a commit of which nothing is heard', async () => {
    const { write, call, emulator } = await toolWorld();
    emulator.inject({ on: 'commit', do: { status: 504 } });
    const path = await write('a.csv', csv(1));
    const { text, errorCode } = await call('geolens_upload_file', { path });
    expect(errorCode).toBe('geolens_outcome_unknown');
    expect(text).toContain(`geolens_job_status and job_id ${emulator.state().jobs[0]?.id}`);
  });

  it.each([
    [60, 'url_window_over', /They were good for \d+ s\./],
    // By the clock of storage there was time: whoever refused them, it was not for their age.
    [3600, 'url_refused_early', /They were good for 1 h\. .* had (1 h|59 min|60 min) left/],
  ])('says how long URLs of %s seconds were good for, without one of them', async (...row) => {
    const [jobSeconds, code, words] = row;
    const { write, call, emulator } = await toolWorld({ ...SMALL_PARTS, jobSeconds });
    emulator.inject({ on: 'storage.put', do: { expire: true }, times: 99 });
    const path = await write('a.csv', csv(1));
    const { text, errorCode } = await call('geolens_upload_file', { path });
    expect(errorCode).toBe(code);
    expect(text).toMatch(words);
    expect(text).not.toMatch(/signature|storage:|http/i);
  });
});

describe('to publish', () => {
  const CONFIRM = { config: { confirm: 'auto' } };

  it.each([
    ['geolens_upload_file', 'private', false],
    ['geolens_upload_file', 'internal', false],
    ['geolens_upload_file', 'public', true],
    ['geolens_commit', 'restricted', false],
    ['geolens_commit', 'public', true],
  ])('with %s as %s asks first: %s', async (tool, visibility, asks) => {
    const { write, call, emulator } = await toolWorld({}, CONFIRM);
    const path = await write('a.csv', csv(1));
    const job_id = '00000000-0000-4000-8000-000000000000';
    const wish = tool === 'geolens_commit' ? { job_id, title: 'Ports' } : { path, title: 'Ports' };
    const { facts } = await call(tool, { ...wish, visibility });
    expect(facts['status'] === 'not_done_yet').toBe(asks);
    expect(emulator.state().calls['commit'] ?? 0).toBe(asks ? 0 : 1);
  });

  it('is done with the confirmation, of the very file that was agreed to', async () => {
    const { write, call, emulator } = await toolWorld({}, CONFIRM);
    const args = { path: await write('a.csv', csv(1)), title: 'Ports', visibility: 'public' };
    const asked = await call('geolens_upload_file', args);
    expect(asked.facts['summary']).toContain('a.csv as the dataset "Ports", which anybody can see');
    const { confirmation } = asked.facts;
    expect(emulator.state().calls).toEqual({});
    await write('a.csv', csv(2));
    const other = await call('geolens_upload_file', { ...args, confirmation });
    expect(other.isError).toBe(true);
    expect(emulator.state().calls).toEqual({});
    const again = await call('geolens_upload_file', args);
    const agreed = { ...args, confirmation: again.facts['confirmation'] };
    expect((await call('geolens_upload_file', agreed)).facts).toMatchObject({
      status: 'completed',
      visibility: 'public',
    });
    expect(emulator.state().datasets).toMatchObject([{ visibility: 'public' }]);
  });

  it('is not asked about again while it is under way, and again once it has ended', async () => {
    const { write, call, emulator } = await toolWorld({ jobSteps: 1_000_000 }, CONFIRM);
    const path = await write('a.csv', csv(1));
    const args = { path, visibility: 'public', wait_seconds: 0 };
    const { confirmation } = (await call('geolens_upload_file', args)).facts;
    const begun = await call('geolens_upload_file', { ...args, confirmation });
    const { transfer_id: id } = begun.facts;
    for (const same of [{ ...args, confirmation }, args]) {
      const { facts } = await call('geolens_upload_file', same);
      expect(facts).toMatchObject({ status: 'running', transfer_id: id });
    }
    await expect.poll(() => emulator.state().commits).toBe(1);
    const stopped = await call('transfer_cancel', { transfer_id: id });
    expect(stopped.text).toContain('was committed');
    expect(stopped.text).not.toContain('answer was lost');
    const told = await call('transfer_status', { transfer_id: id });
    expect(told).toMatchObject({ isError: true, errorCode: 'geolens_goes_on' });
    expect(told.text).toContain('Do not upload the file again');
    expect((await call('geolens_upload_file', args)).facts['status']).toBe('not_done_yet');
    expect(emulator.state().commits).toBe(1);
  });
});

describe('an import by hand', () => {
  it.each<[string, GeolensEmulatorOptions]>([
    ['in one PUT', {}],
    ['in parts', SMALL_PARTS],
  ])('%s goes from the limits to the dataset', async (_how, options) => {
    const { call, emulator } = await toolWorld({ ...options, jobSteps: 1 });
    const bytes = csv(2);
    const limits = await call('geolens_upload_config', {});
    expect(limits.facts).toMatchObject({ presigned_uploads: true });
    const wish = { filename: 'a.csv', file_size: bytes.length, content_type: 'text/csv' };
    const begun = await call('geolens_request_presigned_upload', wish);
    expect(JSON.stringify(begun.content)).toContain('Secret, as whoever knows it can use it: urls');
    const { job_id, urls, part_size } = begun.facts;
    const parts: object[] = [];
    const size = Number(part_size ?? bytes.length);
    for (const [at, url] of (Array.isArray(urls) ? urls : []).entries()) {
      const body = bytes.subarray(at * size, (at + 1) * size);
      const headers: Record<string, string> = part_size ? {} : { 'content-type': 'text/csv' };
      const put = await fetch(String(url), { method: 'PUT', body, headers });
      parts.push({ etag: put.headers.get('etag'), part_number: at + 1 });
    }
    emulator.inject({ on: 'complete', do: { lose_answer: true } });
    const completion = { job_id, ...(part_size ? { parts } : {}) };
    expect((await call('geolens_complete_presigned_upload', completion)).facts).toMatchObject({
      job_id,
      status: 'pending',
    });
    expect((await call('geolens_preview', { job_id })).facts).toMatchObject({ feature_count: 2 });
    await call('geolens_commit', { job_id, title: 'By hand' });
    const { facts } = await call('geolens_job_status', { job_id });
    expect(facts).toMatchObject({ status: 'complete' });
    expect(await emulator.datasetBytes(String(facts['dataset_id']))).toEqual(bytes);
  });

  it.each([
    ['geolens_preview', {}],
    ['geolens_job_status', {}],
    ['geolens_commit', { title: 'x' }],
    ['geolens_complete_presigned_upload', {}],
  ])('%s takes no id that leads elsewhere', async (tool, args) => {
    const { call, emulator } = await toolWorld();
    for (const job_id of ['..', 'a/../b', 'a?b', '', 'a%2e']) {
      const answer = await call(tool, { job_id, ...args });
      expect(answer.errorCode).toBe('invalid_arguments');
    }
    expect(emulator.state().calls).toEqual({});
  });

  it('tells of an unknown job, and of a refused name, what the service says', async () => {
    const { call } = await toolWorld();
    const job_id = '00000000-0000-4000-8000-000000000000';
    const unknown = await call('geolens_preview', { job_id });
    expect(unknown).toMatchObject({ isError: true, errorCode: 'geolens_not_found' });
    const named = { filename: 'a/b.csv', file_size: 1 };
    expect(await call('geolens_request_presigned_upload', named)).toMatchObject({
      errorCode: 'invalid_arguments',
    });
  });
});
