import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../../src/connectors/http/service_error.ts';
import type { GeolensEmulatorOptions } from '../../../src/sandbox/geolens/geolens_emulator.ts';
import { csv } from '../sandbox/geolens/geolens_fixture.ts';
import { geolensWorld, SMALL_PARTS } from './geolens_world.ts';

const OFF: GeolensEmulatorOptions = { presignedUploads: false };
const md5 = (bytes: Uint8Array) => `"${createHash('md5').update(bytes).digest('hex')}"`;

describe('a file that becomes a dataset', () => {
  it.each<[string, string, number, GeolensEmulatorOptions]>([
    ['in one PUT', 'single_put', 0, {}],
    ['in one PUT, signed otherwise', 'single_put', 0, { signatures: 'v4' }],
    ['in parts', 'parts', 15, SMALL_PARTS],
    ['in parts, signed otherwise', 'parts', 15, { ...SMALL_PARTS, signatures: 'v4' }],
    ['by a form', 'form', 0, OFF],
  ])('arrives %s byte for byte', async (_how, way, parts, options) => {
    const world = await geolensWorld(options);
    const bytes = csv(12);
    const { jobId, seen, sent, preview } = await world.upload({ bytes });
    const id = seen?.job?.dataset_id ?? '';
    expect(await world.emulator.datasetBytes(id)).toEqual(bytes);
    expect({ end: seen?.end, way: sent.way, parts: sent.parts.length }).toEqual({
      end: 'done',
      way,
      parts,
    });
    expect(preview).toMatchObject({ feature_count: 12 });
    const state = world.emulator.state();
    expect(state.jobs).toMatchObject([{ id: jobId, status: 'complete', tasks_queued: 1 }]);
    expect(state.datasets).toMatchObject([{ title: 'Places', visibility: 'private' }]);
    expect(state.credentials_seen_by_storage).toBe(0);
  });

  it('names its parts in order, with the ETags as storage wrote them', async () => {
    const world = await geolensWorld(SMALL_PARTS);
    const bytes = csv(4);
    const { sent } = await world.upload({ bytes });
    const wanted = Array.from({ length: Math.ceil(bytes.length / 8) }, (_, at) => ({
      etag: md5(bytes.subarray(at * 8, at * 8 + 8)),
      part_number: at + 1,
    }));
    expect(sent.parts).toEqual(wanted);
  });

  it.each([1, 7, 8, 9, 10, 11, 15, 16, 17, 24, 25, 1000])('of %i bytes arrives', async (size) => {
    for (const options of [SMALL_PARTS, OFF]) {
      const world = await geolensWorld(options);
      const bytes = Buffer.alloc(size, 'a,b\n1,2\n');
      const { seen, bytes: told } = await world.upload({ bytes });
      expect(await world.emulator.datasetBytes(seen?.job?.dataset_id ?? '')).toEqual(bytes);
      expect(told).toBe(size);
      expect(world.progress.at(-1)?.done).toBe(size);
    }
  });

  it('arrives whole where it is larger than what is first held back for an early refusal', async () => {
    for (const options of [{ thresholdBytes: 1_000_000, partBytes: 700_001 }, {}, OFF]) {
      const world = await geolensWorld(options);
      const bytes = csv(150_000);
      expect(bytes.length).toBeGreaterThan(2 * 1024 * 1024);
      const { seen } = await world.upload({ bytes });
      const arrived = await world.emulator.datasetBytes(seen?.job?.dataset_id ?? '');
      expect(arrived.equals(bytes)).toBe(true);
    }
  });

  it.each([
    ['Straßen & Wege.csv', 'Straßen & Wege.csv'],
    ['my "best" places.csv', 'my %22best%22 places.csv'],
    ["it's; filename=x.csv", "it's; filename=x.csv"],
    ['地図 🗺.csv', '地図 🗺.csv'],
  ])('may be called %s', async (fileName, inForm) => {
    const byForm = await geolensWorld(OFF);
    await byForm.upload({ bytes: csv(1), fileName });
    expect(byForm.emulator.state().jobs).toMatchObject([{ filename: inForm, status: 'complete' }]);
    const bySigned = await geolensWorld(SMALL_PARTS);
    await bySigned.upload({ bytes: csv(1), fileName });
    expect(bySigned.emulator.state().jobs).toMatchObject([{ filename: fileName }]);
  });

  it('goes by the form where URLs are refused although the config promised them', async () => {
    const world = await geolensWorld();
    world.emulator.inject({ on: 'presigned', do: { status: 400, body: 'No S3 here' } });
    const { sent } = await world.upload({ bytes: csv(3) });
    expect(sent.way).toBe('form');
    expect(world.emulator.state().calls).toMatchObject({ presigned: 1, upload: 1 });
  });

  it('is given all that was asked for, a number as a number', async () => {
    const world = await geolensWorld();
    const terms = {
      title: 'Harbour',
      summary: 'Where ships are.',
      visibility: 'internal' as const,
      srid_override: 4326,
      x_column: 'lon',
      y_column: 'lat',
      temporal_start: '2024-01-01T00:00:00Z',
    };
    await world.upload({ bytes: csv(1), terms });
    expect(world.emulator.state().jobs).toMatchObject([{ metadata: terms }]);
  });

  it.each([
    ['the API key', 'x-api-key'],
    ['the token', 'authorization'],
  ])('may be sent with %s', async (_what, header) => {
    const world = await geolensWorld({}, ({ apiKey, token }) =>
      header === 'x-api-key' ? { apiKey, token: 'unused' } : { token },
    );
    expect((await world.upload({ bytes: csv(1) })).seen?.end).toBe('done');
  });

  it('is not waited for where nobody wants to', async () => {
    const world = await geolensWorld();
    const outcome = await world.upload({ bytes: csv(1), wait: false });
    expect(outcome).not.toHaveProperty('seen');
    expect(world.emulator.state()).toMatchObject({ commits: 1, datasets: [] });
    expect(world.emulator.state().calls).not.toHaveProperty('job');
  });

  it('that takes longer than the wait is no failure', async () => {
    const world = await geolensWorld({ jobSteps: 1_000_000 });
    const { seen } = await world.upload({ bytes: csv(1) });
    expect(seen).toMatchObject({ end: 'deadline', job: { status: 'running' } });
    expect(world.progress.at(-1)?.message).toBe('GeoLens makes a dataset of places.csv');
  });

  it.each([404, 403, 500])('is no failure where its job answers %i', async (status) => {
    const world = await geolensWorld();
    world.emulator.inject({ on: 'job', do: { status, body: 'not now' }, times: 10 });
    expect((await world.upload({ bytes: csv(1) })).seen).toEqual({
      job: undefined,
      end: 'unseen',
      detail: 'not now',
    });
    expect(world.emulator.state().commits).toBe(1);
  });
});

describe('before anything is opened', () => {
  it.each<[string, GeolensEmulatorOptions, { fileName?: string; bytes?: Uint8Array }]>([
    ['extension', {}, { fileName: 'notes.txt' }],
    ['extension', { allowedExtensions: ['.tif'] }, {}],
    ['extension', {}, { fileName: 'no_extension' }],
    ['vrt', { allowedExtensions: ['.vrt', '.tif'] }, { fileName: 'all.VRT' }],
    ['empty', {}, { bytes: Buffer.alloc(0) }],
    ['too_large', { maxFileBytes: 5 }, {}],
    ['name', {}, { fileName: '../up.csv' }],
    ['name', {}, { fileName: 'line\nbreak.csv' }],
    ['name', {}, { fileName: `${'a'.repeat(255)}.csv` }],
  ])('a file is refused as %s', async (reason, options, file) => {
    for (const presignedUploads of [true, false]) {
      const world = await geolensWorld({ ...options, presignedUploads });
      expect(await world.failing({ bytes: csv(3), ...file })).toMatchObject({
        name: 'FileNotTaken',
        reason,
      });
      expect(world.emulator.state()).toMatchObject({ calls: { config: 1 }, jobs: [] });
    }
  });

  it('one more dataset than there may be is refused', async () => {
    const world = await geolensWorld({ datasetQuota: 1 });
    await world.upload({ bytes: csv(1) });
    expect(await world.failing({ bytes: csv(1) })).toMatchObject({ reason: 'no_dataset_left' });
    expect(world.emulator.state().jobs).toHaveLength(1);
  });

  it.each([
    ['no key at all', () => ({}), 'no_credentials'],
    ['a wrong key', () => ({ apiKey: 'wrong' }), 'unauthenticated'],
    [
      'a key that may only read',
      (it: { readOnlyKey: string }) => ({ apiKey: it.readOnlyKey }),
      'forbidden',
    ],
  ] as const)('%s is told as such', async (_what, secrets, kind) => {
    const world = await geolensWorld({}, secrets);
    const failure = await world.failing({ bytes: csv(1) });
    expect(failure).toBeInstanceOf(ServiceError);
    expect(failure).toMatchObject({ kind });
    expect(world.emulator.state().jobs).toEqual([]);
  });

  it('what the storage quota refuses is told as it is', async () => {
    const world = await geolensWorld({ storageQuotaBytes: 5 });
    expect(await world.failing({ bytes: csv(9) })).toMatchObject({
      kind: 'too_large',
      status: 413,
    });
  });

  it('a rate limit is waited for', async () => {
    const world = await geolensWorld();
    for (const on of ['config', 'presigned', 'complete', 'preview', 'commit', 'job'] as const) {
      world.emulator.inject({ on, do: { status: 429, retry_after: 1 } });
    }
    expect((await world.upload({ bytes: csv(1) })).seen?.end).toBe('done');
    expect(world.emulator.state().commits).toBe(1);
  });
});
