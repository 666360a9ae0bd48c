import { describe, expect, it } from 'vitest';
import type { GeolensEmulator } from '../../../../src/sandbox/geolens/geolens_emulator.ts';
import { ask, csv, emulatorFor, presign, uploaded } from './geolens_fixture.ts';

const CONFIG = '/ingest/upload/config';
const json = { filename: 'places.csv', file_size: 10 };

type Headers = (emulator: GeolensEmulator) => Record<string, string>;

describe('a request of the API', () => {
  it.each<[string, Headers, number, number]>([
    ['the API key', ({ apiKey }) => ({ 'X-Api-Key': apiKey }), 200, 201],
    ['the token', ({ token }) => ({ Authorization: `Bearer ${token}` }), 200, 201],
    ['the read-only key', ({ readOnlyKey }) => ({ 'X-Api-Key': readOnlyKey }), 200, 403],
    ['a wrong key', () => ({ 'X-Api-Key': 'wrong' }), 401, 401],
    ['a wrong token', () => ({ Authorization: 'Bearer wrong' }), 401, 401],
    ['no credential', () => ({}), 401, 401],
  ])('with %s', async (_what, headersOf, reading, writing) => {
    const emulator = await emulatorFor();
    const headers = headersOf(emulator);
    expect((await ask(emulator, CONFIG, { method: 'GET', headers })).status).toBe(reading);
    const written = await ask(emulator, '/ingest/upload/presigned', { json, headers });
    expect(written.status).toBe(writing);
    const type = writing === 201 ? 'application/json' : 'application/problem+json';
    expect(written.headers.get('content-type')).toBe(type);
  });

  it.each([
    ['an unknown path', 'GET', '/ingest', 404],
    ['a slash too many', 'GET', `${CONFIG}/`, 404],
    ['another method', 'POST', CONFIG, 405],
  ] as const)('to %s is answered as a Problem', async (_what, method, path, status) => {
    const answer = await ask(await emulatorFor(), path, { method });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status, type: 'about:blank', title: expect.any(String) });
  });

  it('that is no JSON is refused in one text', async () => {
    const emulator = await emulatorFor();
    const answer = await ask(emulator, '/ingest/upload/presigned', { body: '{' });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ detail: 'body: JSON decode error' });
  });

  it('that fails by a fault of the server is answered with its id', async () => {
    const emulator = await emulatorFor();
    const headers = { 'X-Api-Key': emulator.apiKey, 'X-Request-ID': 'request-1' };
    const body = { filename: 'a.exe', file_size: 1 };
    const answer = await ask(emulator, '/ingest/upload/presigned', { json: body, headers });
    expect(answer.status).toBe(500);
    expect(answer.headers.get('x-request-id')).toBe('request-1');
  });

  it.each([
    ['a text', 'Too many requests'],
    ['an object', { code: 'slow', wait: 3 }],
  ])('that is struck by a fault has as its detail %s', async (_what, body) => {
    const emulator = await emulatorFor();
    emulator.inject({ on: 'config', do: { status: 429, body, retry_after: 3 } });
    const answer = await ask(emulator, CONFIG, { method: 'GET' });
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ status: 429, detail: body });
    expect((await ask(emulator, CONFIG, { method: 'GET' })).status).toBe(200);
    expect(emulator.state()).toMatchObject({ calls: { config: 2 }, faults_struck: 1 });
  });

  it('is answered as ever once the faults are cleared', async () => {
    const emulator = await emulatorFor();
    emulator.inject({ on: 'config', do: { lose_answer: true } });
    emulator.clearFaults();
    expect((await ask(emulator, CONFIG, { method: 'GET' })).status).toBe(200);
  });
});

describe('the configuration', () => {
  it('is that of an instance with S3, unless it is told otherwise', async () => {
    const answer = await ask(await emulatorFor(), CONFIG, { method: 'GET' });
    expect(answer.body).toEqual({
      presigned_uploads: true,
      presigned_threshold_bytes: 104_857_600,
      max_file_size_bytes: 524_288_000,
      allowed_extensions: '.zip,.gpkg,.geojson,.json,.csv,.tif,.tiff,.xlsx,.xls,.parquet',
      remaining_dataset_quota: null,
    });
  });

  it('tells what was set, and never offers a VRT', async () => {
    const emulator = await emulatorFor({
      presignedUploads: false,
      thresholdBytes: 7,
      maxFileBytes: 9,
      allowedExtensions: ['.csv', '.vrt'],
      datasetQuota: 3,
    });
    expect((await ask(emulator, CONFIG, { method: 'GET' })).body).toEqual({
      presigned_uploads: false,
      presigned_threshold_bytes: 7,
      max_file_size_bytes: 9,
      allowed_extensions: '.csv',
      remaining_dataset_quota: 3,
    });
  });
});

describe('a fault', () => {
  it.each([
    ['on nothing', { on: 'nothing', do: { lose_answer: true } }],
    ['that its endpoint does not know', { on: 'config', do: { freeze_fails: true } }],
    ['of the storage on the API', { on: 'upload', do: { wrong_etag: true } }],
  ])('%s is refused', async (_what, fault) => {
    const emulator = await emulatorFor();
    const inject: (fault: never) => void = emulator.inject;
    expect(() => Reflect.apply(inject, emulator, [fault])).toThrow();
  });
});

describe('the state', () => {
  it('tells of the jobs, and whose it is not', async () => {
    const emulator = await emulatorFor();
    await presign(emulator, 'first.csv', 10);
    await uploaded(emulator, 'second.csv', csv(1));
    const { jobs, foreign_job_id } = emulator.state();
    expect(jobs).toMatchObject([
      { filename: 'first.csv', phase: 'uploading', presigned: true },
      { filename: 'second.csv', phase: 'uploaded', presigned: true },
    ]);
    expect(jobs.map(({ id }) => id)).not.toContain(foreign_job_id);
  });
});
