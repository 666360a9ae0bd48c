import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { geotiffOf } from '../tiff_fixture.ts';
import {
  ask,
  commit,
  csv,
  emulatorFor,
  heldClock,
  look,
  presign,
  SMALL_PARTS,
  uploaded,
  zipOf,
} from './geolens_fixture.ts';

const bytes = csv(7);
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

const feature = (name: string, type: string) => ({
  type: 'Feature',
  geometry: { type, coordinates: [] },
  properties: { name, height: 1.5, floors: 3, open: true },
});
const features = {
  type: 'FeatureCollection',
  features: [feature('a', 'Point'), feature('b', 'Point')],
};
const raster = geotiffOf(new Uint16Array(12), { width: 4, height: 3, nodata: '0' });
const layered = zipOf({ 'roads.shp': 'r', 'roads.dbf': 'd', 'places.geojson': '{}' });

describe('a preview', () => {
  it.each([
    [
      'a table',
      'places.csv',
      bytes,
      {
        columns: ['name', 'lon', 'lat'].map((name) => ({ name, type: 'String' })),
        crs: null,
        geometry_type: null,
        feature_count: 7,
        layer_name: 'places',
        layers: null,
        detected_geometry_columns: { x_column: 'lon', y_column: 'lat', wkt_column: null },
      },
    ],
    [
      'a table with quoted line ends',
      'notes.csv',
      Buffer.from('id,text\r\n1,"two\r\nlines, ""quoted"""\r\n2,\r\n'),
      {
        feature_count: 2,
        sample_rows: [
          { id: '1', text: 'two\r\nlines, "quoted"' },
          { id: '2', text: '' },
        ],
        detected_geometry_columns: null,
      },
    ],
    [
      'features',
      'places.geojson',
      Buffer.from(JSON.stringify(features)),
      {
        columns: [
          { name: 'name', type: 'String' },
          { name: 'height', type: 'Real' },
          { name: 'floors', type: 'Integer' },
          { name: 'open', type: 'Integer(Boolean)' },
        ],
        crs: 4326,
        geometry_type: 'Point',
        feature_count: 2,
        detected_geometry_columns: null,
      },
    ],
    [
      'a raster',
      'scene.tif',
      raster,
      {
        crs_epsg: 32755,
        band_count: 1,
        width: 4,
        height: 3,
        dtype: 'uint16',
        nodata: 0,
        res_x: 10,
        res_y: 10,
        compression: null,
        file_size_bytes: raster.length,
        is_cog_compliant: false,
      },
    ],
    [
      'several layers',
      'city.zip',
      layered,
      {
        layer_name: 'roads',
        layers: [
          { name: 'roads', feature_count: null, field_count: null },
          { name: 'places', feature_count: null, field_count: null },
        ],
      },
    ],
  ])('of %s tells what is in the file', async (_what, name, content, facts) => {
    const emulator = await emulatorFor();
    const jobId = await uploaded(emulator, name, content);
    const answer = await ask(emulator, `/ingest/preview/${jobId}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ job_id: jobId, source_filename: name, ...facts });
  });

  it('shows five rows at most', async () => {
    const emulator = await emulatorFor();
    const jobId = await uploaded(emulator, 'places.csv', bytes);
    const { body } = await ask(emulator, `/ingest/preview/${jobId}`);
    const { sample_rows } = z.object({ sample_rows: z.array(z.unknown()) }).parse(body);
    expect(sample_rows).toHaveLength(5);
    expect(sample_rows[1]).toEqual({ name: 'p1', lon: '1', lat: '-1' });
  });

  it.each([
    ['JSON that is none', 'a.geojson', Buffer.from('{"type":')],
    ['JSON without features', 'a.json', Buffer.from('{"type":"Topology"}')],
    ['a damaged raster', 'a.tif', raster.subarray(0, 20)],
  ])('of %s is refused', async (_what, name, content) => {
    const emulator = await emulatorFor();
    const jobId = await uploaded(emulator, name, content);
    expect((await ask(emulator, `/ingest/preview/${jobId}`)).status).toBe(422);
  });

  it.each([
    ['of an option', '?layer_name=-x', 422],
    ['of an unknown layer', '?layer_name=rivers', 422],
    ['of a layer', '?layer_name=places', 200],
  ])('%s is answered %s', async (_what, query, status) => {
    const emulator = await emulatorFor();
    const jobId = await uploaded(emulator, 'city.zip', layered);
    expect((await ask(emulator, `/ingest/preview/${jobId}${query}`)).status).toBe(status);
  });

  it('waits for the upload, and comes too late once the worker is at it', async () => {
    const emulator = await emulatorFor({ jobSteps: 1 });
    const { job_id } = await presign(emulator, 'places.csv', bytes.length);
    expect((await ask(emulator, `/ingest/preview/${job_id}`)).status).toBe(400);
    const jobId = await uploaded(emulator, 'places.csv', bytes);
    await commit(emulator, jobId);
    await look(emulator, jobId);
    const late = await ask(emulator, `/ingest/preview/${jobId}`);
    expect(late.status).toBe(400);
    expect(late.body).toMatchObject({ detail: 'Job already processed' });
  });
});

describe('a commit', () => {
  it('keeps what concerns the kind of file', async () => {
    const emulator = await emulatorFor();
    const wish = {
      title: 'A',
      x_column: 'lon',
      compression: 'LZW',
      token: 'secret',
      summary: null,
    };
    const table = await uploaded(emulator, 'places.csv', bytes);
    const picture = await uploaded(emulator, 'scene.tif', raster);
    for (const jobId of [table, picture]) {
      const answer = await commit(emulator, jobId, wish);
      expect(answer.status).toBe(202);
      expect(answer.body).toMatchObject({ job_id: jobId, status: 'pending' });
    }
    expect(emulator.state().jobs.map(({ metadata }) => metadata)).toEqual([
      { title: 'A', visibility: 'private', x_column: 'lon' },
      { title: 'A', visibility: 'private', compression: 'LZW' },
    ]);
  });

  it('that is sent twice queues a second task, of which one dataset comes', async () => {
    const emulator = await emulatorFor({ jobSteps: 2 });
    const jobId = await uploaded(emulator, 'places.csv', bytes);
    expect((await commit(emulator, jobId, { title: 'First' })).status).toBe(202);
    expect((await commit(emulator, jobId, { title: 'Second' })).status).toBe(202);
    expect(emulator.state()).toMatchObject({ commits: 2, jobs: [{ tasks_queued: 2 }] });
    await look(emulator, jobId);
    await look(emulator, jobId);
    expect(emulator.state().datasets).toMatchObject([{ title: 'Second' }]);
    const late = await commit(emulator, jobId);
    expect(late.status).toBe(400);
    expect(late.body).toMatchObject({ detail: 'Job already processed' });
  });

  it.each([
    ['no title', {}, 'body.title: Field required'],
    ['an empty title', { title: '' }, 'body.title: '],
    ['a long title', { title: 'a'.repeat(501) }, 'body.title: '],
    ['a long summary', { title: 'A', summary: 'a'.repeat(5001) }, 'body.summary: '],
    ['an unknown visibility', { title: 'A', visibility: 'open' }, 'body.visibility: '],
    ['no reference system', { title: 'A', srid_override: 0 }, 'body.srid_override: '],
    ['an option as a layer', { title: 'A', layer_name: '-sql' }, 'layer'],
  ])('with %s is refused', async (_what, wish, words) => {
    const emulator = await emulatorFor();
    const jobId = await uploaded(emulator, 'places.csv', bytes);
    const answer = await commit(emulator, jobId, wish);
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ detail: expect.stringContaining(words) });
    expect(emulator.state().commits).toBe(0);
  });

  it('knows the layers once they were previewed', async () => {
    const emulator = await emulatorFor();
    const jobId = await uploaded(emulator, 'city.zip', layered);
    await ask(emulator, `/ingest/preview/${jobId}`);
    const rivers = await commit(emulator, jobId, { title: 'A', layer_name: 'rivers' });
    expect(rivers.status).toBe(422);
    expect((await commit(emulator, jobId, { title: 'A', layer_name: 'places' })).status).toBe(202);
  });

  it('of a job without its file is refused', async () => {
    const emulator = await emulatorFor();
    const { job_id } = await presign(emulator, 'places.csv', bytes.length);
    expect((await commit(emulator, job_id)).status).toBe(400);
  });

  it('that cannot be queued fails the job and removes its bytes', async () => {
    const emulator = await emulatorFor();
    const jobId = await uploaded(emulator, 'places.csv', bytes);
    emulator.inject({ on: 'commit', do: { queue_down: true } });
    expect((await commit(emulator, jobId)).status).toBe(503);
    expect(emulator.state()).toMatchObject({
      objects: [],
      commits: 0,
      jobs: [{ status: 'failed' }],
    });
  });

  it('whose answer is lost has been carried out', async () => {
    const emulator = await emulatorFor();
    const jobId = await uploaded(emulator, 'places.csv', bytes);
    emulator.inject({ on: 'commit', do: { lose_answer: true } });
    await expect(commit(emulator, jobId)).rejects.toThrow();
    expect(emulator.state()).toMatchObject({ commits: 1, jobs: [{ phase: 'queued' }] });
  });
});

const jobModel = z.object({ status: z.string(), current_step: z.string().nullable() });

describe('a job', () => {
  it.each([
    [1, 'places.csv', bytes, ['complete complete']],
    [2, 'places.csv', bytes, ['pending queued', 'complete complete']],
    [
      5,
      'places.csv',
      bytes,
      [
        'pending queued',
        'running validating',
        'running ogr2ogr',
        'running finalize',
        'complete complete',
      ],
    ],
    [
      5,
      'scene.tif',
      raster,
      [
        'pending queued',
        'running validating',
        'running cog_convert',
        'running quicklook',
        'complete complete',
      ],
    ],
  ])('comes to its end in %i looks', async (jobSteps, name, content, steps) => {
    const emulator = await emulatorFor({ jobSteps });
    const jobId = await uploaded(emulator, name, content);
    await commit(emulator, jobId);
    const seen: string[] = [];
    for (const _step of steps) {
      const { status, current_step } = jobModel.parse((await look(emulator, jobId)).body);
      seen.push(`${status} ${current_step}`);
    }
    expect(seen).toEqual(steps);
    const [dataset] = emulator.state().datasets;
    const sha256 = createHash('sha256').update(content).digest('hex');
    expect(dataset).toMatchObject({ title: 'Harbour', size: content.length, sha256 });
    expect((await look(emulator, jobId)).body).toMatchObject({
      dataset_id: dataset?.id,
      progress: 1,
    });
    expect((await emulator.datasetBytes(dataset?.id ?? '')).equals(content)).toBe(true);
    expect(emulator.state().objects).toEqual([]);
  });

  it('does not move before it is committed', async () => {
    const emulator = await emulatorFor({ jobSteps: 1 });
    const jobId = await uploaded(emulator, 'places.csv', bytes);
    await look(emulator, jobId);
    expect((await look(emulator, jobId)).body).toMatchObject({
      status: 'pending',
      current_step: null,
    });
  });

  it.each(['commit', 'job'] as const)(
    'fails by a fault on %s, and can be tried again',
    async (on) => {
      const emulator = await emulatorFor({ ...SMALL_PARTS, jobSteps: 1 });
      const jobId = await uploaded(emulator, 'places.csv', bytes);
      emulator.inject({ on, do: { job_fails: 'No geometry was found' } });
      await commit(emulator, jobId);
      expect((await look(emulator, jobId)).body).toMatchObject({
        status: 'failed',
        error_message: 'No geometry was found',
        can_retry: true,
        dataset_id: null,
      });
      expect((await ask(emulator, `/jobs/${jobId}/retry`)).status).toBe(202);
      expect((await look(emulator, jobId)).body).toMatchObject({ status: 'complete' });
      expect((await ask(emulator, `/jobs/${jobId}/retry`)).status).toBe(400);
    },
  );

  it.each([
    ['never completed', 3600, false],
    ['never committed', 24 * 3600, true],
  ])('that was %s runs out after %i seconds', async (_what, seconds, isUploaded) => {
    const { now, pass } = heldClock();
    const emulator = await emulatorFor({ now });
    const jobId = isUploaded
      ? await uploaded(emulator, 'places.csv', bytes)
      : (await presign(emulator, 'places.csv', bytes.length)).job_id;
    pass(seconds);
    expect((await look(emulator, jobId)).body).toMatchObject({ status: 'pending' });
    pass(1);
    expect((await look(emulator, jobId)).body).toMatchObject({
      status: 'failed',
      can_retry: false,
    });
    expect(emulator.state().objects).toEqual([]);
  });

  it.each([
    ['unknown', () => UNKNOWN, 404],
    ['of somebody else', (foreign: string) => foreign, 403],
    ['no id', () => 'job-1', 422],
  ])('that is %s is not told of', async (_what, jobId, status) => {
    const emulator = await emulatorFor();
    const answer = await look(emulator, jobId(emulator.state().foreign_job_id));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });
});
