import { describe, expect, it } from 'vitest';
import {
  ask,
  commit,
  complete,
  csv,
  emulatorFor,
  heldClock,
  look,
  presign,
  put,
  putParts,
  type SentPart,
  SMALL_PARTS,
  uploaded,
} from './geolens_fixture.ts';

const bytes = csv(3);
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

describe('the wish to upload', () => {
  const wish = { filename: 'places.csv', file_size: 100, content_type: 'text/csv' };

  it.each([
    ['presigned uploads are off', { presignedUploads: false }, {}, 400, 'S3'],
    ['the kind is not allowed', {}, { filename: 'a.exe' }, 500, 'Internal Server Error'],
    ['the file is a VRT', { allowedExtensions: ['.vrt'] }, { filename: 'a.vrt' }, 422, 'VRT'],
    ['the file is too large', { maxFileBytes: 99 }, {}, 422, '100 bytes'],
    ['the bytes are over the quota', { storageQuotaBytes: 99 }, {}, 413, 'Storage quota'],
    ['the file has no bytes', {}, { file_size: 0 }, 422, 'body.file_size: '],
    ['the file has no name', {}, { filename: '' }, 422, 'body.filename: '],
    ['the name is too long', {}, { filename: `${'a'.repeat(252)}.csv` }, 422, 'body.filename: '],
    ['two members are wrong', {}, { filename: '', file_size: 0 }, 422, '; body.file_size: '],
  ])('is refused if %s', async (_what, options, other, status, words) => {
    const emulator = await emulatorFor(options);
    const answer = await ask(emulator, '/ingest/upload/presigned', { json: { ...wish, ...other } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ status, detail: expect.stringContaining(words) });
    expect(emulator.state().jobs).toEqual([]);
  });

  it('is refused over the number of datasets', async () => {
    const emulator = await emulatorFor({ datasetQuota: 1, jobSteps: 1 });
    const jobId = await uploaded(emulator, 'places.csv', bytes);
    await commit(emulator, jobId);
    await look(emulator, jobId);
    const answer = await ask(emulator, '/ingest/upload/presigned', { json: wish });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ detail: expect.stringContaining('Dataset quota') });
  });

  it.each([
    [10, 1, null],
    [11, 2, 8],
    [16, 2, 8],
    [17, 3, 8],
  ])('of %i bytes with a threshold of 10 is answered with %i URLs', async (size, urls, part) => {
    const emulator = await emulatorFor(SMALL_PARTS);
    const presigned = await presign(emulator, 'places.csv', size);
    expect(presigned.urls).toHaveLength(urls);
    expect(presigned.part_size).toBe(part);
  });

  it('keeps the name in the key as it is', async () => {
    const emulator = await emulatorFor();
    const { s3_key, job_id, urls } = await presign(emulator, 'my places (é).csv', bytes.length);
    expect(s3_key).toBe(`staging/${job_id}/my places (é).csv`);
    expect((await put(urls[0] ?? '', bytes, 'text/csv')).status).toBe(200);
    expect((await complete(emulator, { job_id })).status).toBe(200);
  });
});

describe('a completion', () => {
  it('takes the file once', async () => {
    const emulator = await emulatorFor();
    const presigned = await presign(emulator, 'places.csv', bytes.length);
    await put(presigned.urls[0] ?? '', bytes, 'text/csv');
    const first = await complete(emulator, presigned);
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ job_id: presigned.job_id, status: 'pending' });
    const second = await complete(emulator, presigned);
    expect(second.status).toBe(400);
    expect(second.body).toMatchObject({ detail: expect.stringContaining('already') });
    expect(emulator.state().objects).toMatchObject([
      { key: `staging/${presigned.job_id}/frozen/places.csv` },
    ]);
  });

  it('lets one of two at once have it', async () => {
    const emulator = await emulatorFor();
    const presigned = await presign(emulator, 'places.csv', bytes.length);
    await put(presigned.urls[0] ?? '', bytes, 'text/csv');
    const both = [complete(emulator, presigned), complete(emulator, presigned)];
    const statuses = (await Promise.all(both)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 400]);
  });

  it('is refused for a job that was no presigned upload', async () => {
    const emulator = await emulatorFor();
    const form = new FormData();
    form.set('file', new Blob([bytes]), 'places.csv');
    const { body } = await ask(emulator, '/ingest/upload', { body: form });
    expect(body).toMatchObject({ job_id: expect.any(String) });
    const [job] = emulator.state().jobs;
    expect((await complete(emulator, { job_id: job?.id ?? '' })).status).toBe(400);
  });

  it.each([
    ['of an unknown job', () => UNKNOWN, 404],
    ['of somebody else', (foreign: string) => foreign, 403],
    ['of no job', () => 'job-1', 422],
  ])('%s is refused', async (_whose, jobId, status) => {
    const emulator = await emulatorFor();
    const job_id = jobId(emulator.state().foreign_job_id);
    expect((await complete(emulator, { job_id })).status).toBe(status);
  });

  it('is refused where nothing was put', async () => {
    const emulator = await emulatorFor();
    const presigned = await presign(emulator, 'places.csv', bytes.length);
    const answer = await complete(emulator, presigned);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ detail: expect.stringContaining('No file') });
  });

  it.each([
    ['another size than declared', 'places.csv', csv(2), {}, 422, 'declared'],
    ['more than is allowed', 'places.csv', csv(9), { maxFileBytes: bytes.length }, 422, 'allowed'],
    ['text for a raster', 'places.tif', bytes, {}, 422, '.tif'],
    ['a half of Parquet', 'places.parquet', padded('PAR1'), {}, 422, '.parquet'],
    ['zeros for text', 'places.csv', Buffer.alloc(bytes.length), {}, 422, '.csv'],
  ])(
    'removes %s, and its job stays pending',
    async (_what, name, content, options, status, words) => {
      const emulator = await emulatorFor(options);
      const presigned = await presign(emulator, name, bytes.length);
      await put(presigned.urls[0] ?? '', content, 'text/csv');
      const answer = await complete(emulator, presigned);
      expect(answer.status).toBe(status);
      expect(answer.body).toMatchObject({ detail: expect.stringContaining(words) });
      expect(emulator.state()).toMatchObject({ objects: [], jobs: [{ phase: 'uploading' }] });
    },
  );

  it('is refused for a job that ran out', async () => {
    const { now, pass } = heldClock();
    const emulator = await emulatorFor({ now, jobSeconds: 60 });
    const presigned = await presign(emulator, 'places.csv', bytes.length);
    await put(presigned.urls[0] ?? '', bytes, 'text/csv');
    pass(61);
    const answer = await complete(emulator, presigned);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ detail: expect.stringContaining('failed already') });
    expect(emulator.state()).toMatchObject({ objects: [], jobs: [{ status: 'failed' }] });
  });

  it.each([
    ['in another order', (parts: SentPart[]) => [...parts].reverse()],
    ['with a part twice', (parts: SentPart[]) => [...parts, ...parts.slice(-1)]],
    [
      'with a part that was not sent',
      (parts: SentPart[]) => [...parts, { etag: '"0"', part_number: 99 }],
    ],
    ['with another ETag', (parts: SentPart[]) => parts.map((part) => ({ ...part, etag: '"0"' }))],
  ])('%s is answered 502 and aborts the upload for good', async (_how, change) => {
    const emulator = await emulatorFor(SMALL_PARTS);
    const presigned = await presign(emulator, 'places.csv', bytes.length);
    const parts = await putParts(presigned, bytes);
    expect((await complete(emulator, presigned, change(parts))).status).toBe(502);
    expect((await complete(emulator, presigned, parts)).status).toBe(502);
    expect(emulator.state().multipart).toMatchObject([{ state: 'aborted' }]);
  });

  it.each([
    [0, 200],
    [8, 200],
    [9, 502],
  ])('with parts of 8 bytes and a minimum of %i is answered %i', async (minPartBytes, status) => {
    const emulator = await emulatorFor({ ...SMALL_PARTS, minPartBytes });
    const presigned = await presign(emulator, 'places.csv', bytes.length);
    const parts = await putParts(presigned, bytes);
    expect((await complete(emulator, presigned, parts)).status).toBe(status);
  });

  it('without the quotes of an ETag is a completion too', async () => {
    const emulator = await emulatorFor(SMALL_PARTS);
    const presigned = await presign(emulator, 'places.csv', bytes.length);
    const parts = await putParts(presigned, bytes);
    const bare = parts.map(({ etag, ...part }) => ({ ...part, etag: etag.replaceAll('"', '') }));
    expect((await complete(emulator, presigned, bare)).status).toBe(200);
  });
});

describe('a fault of the completion', () => {
  const sent = async () => {
    const emulator = await emulatorFor(SMALL_PARTS);
    const presigned = await presign(emulator, 'places.csv', bytes.length);
    return { emulator, presigned, parts: await putParts(presigned, bytes) };
  };

  it.each([
    [{ freeze_fails: true }, 502, 200],
    [{ assembly_fails: true }, 502, 502],
    [{ status: 429, body: 'slower', retry_after: 2 }, 429, 200],
  ] as const)('%j is answered %i, and the same call again %i', async (action, first, second) => {
    const { emulator, presigned, parts } = await sent();
    emulator.inject({ on: 'complete', do: action });
    const answer = await complete(emulator, presigned, parts);
    expect(answer.status).toBe(first);
    expect(answer.headers.get('retry-after')).toBe('retry_after' in action ? '2' : null);
    expect((await complete(emulator, presigned, parts)).status).toBe(second);
  });

  it('loses the answer of what is done', async () => {
    const { emulator, presigned, parts } = await sent();
    emulator.inject({ on: 'complete', do: { lose_answer: true } });
    await expect(complete(emulator, presigned, parts)).rejects.toThrow();
    const again = await complete(emulator, presigned, parts);
    expect(again.status).toBe(400);
    expect(again.body).toMatchObject({ detail: expect.stringContaining('completed already') });
  });

  it('waits for as many calls as it is told', async () => {
    const { emulator, presigned, parts } = await sent();
    emulator.inject({ on: 'complete', after: 1, times: 2, do: { status: 500, body: null } });
    const statuses: number[] = [];
    for (let call = 0; call < 4; call += 1) {
      statuses.push((await complete(emulator, presigned, parts)).status);
    }
    expect(statuses).toEqual([200, 500, 500, 400]);
  });
});

function padded(text: string): Buffer {
  return Buffer.concat([Buffer.from(text), Buffer.alloc(bytes.length - text.length, 1)]);
}
