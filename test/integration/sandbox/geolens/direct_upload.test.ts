import { describe, expect, it } from 'vitest';
import { ask, commit, csv, emulatorFor, look } from './geolens_fixture.ts';

const bytes = csv(3);

function formOf(content: Uint8Array, filename: string, field = 'file'): FormData {
  const form = new FormData();
  form.set('comment', 'before it');
  form.set(field, new Blob([content]), filename);
  form.set('after', 'it');
  return form;
}

const upload = (emulator: Parameters<typeof ask>[0], body: FormData | string) =>
  ask(emulator, '/ingest/upload', { body });

describe('an upload by a form', () => {
  it.each([true, false])('becomes a dataset of the same bytes (presigned: %s)', async (on) => {
    const emulator = await emulatorFor({ presignedUploads: on, jobSteps: 1 });
    // All bytes there are, and what divides the parts of forms.
    const content = Buffer.concat([
      Buffer.from('II*\0\r\n--\r\n----'),
      Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 256)),
    ]);
    const answer = await upload(emulator, formOf(content, 'scene.tif'));
    expect(answer.status).toBe(201);
    const [job] = emulator.state().jobs;
    expect(answer.body).toMatchObject({ job_id: job?.id, status: 'pending' });
    await commit(emulator, job?.id ?? '');
    await look(emulator, job?.id ?? '');
    const [dataset] = emulator.state().datasets;
    expect((await emulator.datasetBytes(dataset?.id ?? '')).equals(content)).toBe(true);
  });

  it.each([
    ['no form', {}, 'plain text', 422, 'body.file: Field required'],
    ['another field', {}, formOf(bytes, 'a.csv', 'data'), 422, 'body.file: Field required'],
    ['a kind not allowed', {}, formOf(bytes, 'a.exe'), 400, '.exe'],
    ['a VRT', {}, formOf(bytes, 'a.vrt'), 422, 'VRT'],
    ['an empty file', {}, formOf(Buffer.alloc(0), 'a.csv'), 422, 'empty'],
    ['bytes of another kind', {}, formOf(bytes, 'a.tif'), 422, '.tif'],
    ['too many bytes', { maxFileBytes: 9 }, formOf(bytes, 'a.csv'), 413, '9 are allowed'],
    ['bytes over the quota', { storageQuotaBytes: 9 }, formOf(bytes, 'a.csv'), 413, 'quota'],
  ])('of %s is refused', async (_what, options, body, status, words) => {
    const emulator = await emulatorFor(options);
    const answer = await upload(emulator, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ detail: expect.stringContaining(words) });
    expect(emulator.state().jobs).toEqual([]);
  });

  it.each([
    ['no name of the file', 'file"; filename="', 400, 'no file name'],
    ['a field in place of the file', 'file', 422, 'Field required'],
  ])('with %s is refused', async (_what, name, status, words) => {
    const emulator = await emulatorFor();
    const body = `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\nabc\r\n--x--\r\n`;
    const headers = {
      'X-Api-Key': emulator.apiKey,
      'Content-Type': 'multipart/form-data; boundary=x',
    };
    const answer = await ask(emulator, '/ingest/upload', { body, headers });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ detail: expect.stringContaining(words) });
  });

  it('that ends before its last boundary is refused', async () => {
    const emulator = await emulatorFor();
    const body = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nabc';
    const headers = {
      'X-Api-Key': emulator.apiKey,
      'Content-Type': 'multipart/form-data; boundary=x',
    };
    expect((await ask(emulator, '/ingest/upload', { body, headers })).status).toBe(400);
    expect(emulator.state().jobs).toEqual([]);
  });

  it.each([
    ['the bytes are on their way', { cut_after_bytes: 10 }, 0],
    ['the work is done', { lose_answer: true }, 1],
  ] as const)('loses its connection when %s', async (_when, action, jobs) => {
    const emulator = await emulatorFor();
    emulator.inject({ on: 'upload', do: action });
    await expect(upload(emulator, formOf(bytes, 'a.csv'))).rejects.toThrow();
    expect(emulator.state().jobs).toHaveLength(jobs);
  });
});
