import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitBody } from '../../../../src/connectors/geolens/commit_fields.ts';
import { geolens } from '../../../../src/connectors/geolens/geolens_endpoints.ts';
import { geolensService } from '../../../../src/connectors/geolens/geolens_service.ts';
import { GEOLENS_TRAITS } from '../../../../src/connectors/geolens/geolens_upload.ts';
import { judgeFile } from '../../../../src/connectors/geolens/judge_file.ts';
import { requireUrls } from '../../../../src/connectors/geolens/send_presigned.ts';
import { noStagingJournal } from '../../../../src/connectors/staging_journal.ts';

const wiring = {
  dispatcher: () => Promise.reject(new Error('nothing is sent here')),
  journal: () => noStagingJournal,
  now: () => 0,
};
const { signal } = new AbortController();

describe('the service', () => {
  it.each([
    ['https://maps.example', 'https://maps.example/api'],
    ['https://maps.example/', 'https://maps.example/api'],
    ['https://maps.example/api', 'https://maps.example/api'],
    ['https://maps.example/api//', 'https://maps.example/api'],
    ['https://example.org/maps', 'https://example.org/maps/api'],
  ])('at %s is asked at %s', (instance, baseUrl) => {
    expect(geolensService({ instance }, wiring).access.baseUrl).toBe(baseUrl);
  });

  it.each([
    [{ apiKey: 'k' }, { 'x-api-key': 'k' }],
    [{ token: 't' }, { authorization: 'Bearer t' }],
    [{ apiKey: 'k', token: 't' }, { 'x-api-key': 'k' }],
  ])('is told who asks by %j', async (secrets, headers) => {
    const { credentials } = geolensService({ instance: 'https://x', ...secrets }, wiring).access;
    expect(await credentials?.headers(signal)).toEqual(headers);
    expect(credentials?.refused(headers)).toBe(false);
  });

  it('notes uploads for the account, whose key is nowhere in that', () => {
    const accounts: string[] = [];
    const journal = (_access: unknown, account: string) => {
      accounts.push(account);
      return noStagingJournal;
    };
    for (const apiKey of ['one-key-of-many', 'another-key', 'one-key-of-many']) {
      geolensService({ instance: 'https://x', apiKey }, { ...wiring, journal });
    }
    expect(accounts[0]).toBe(accounts[2]);
    expect(accounts[0]).not.toBe(accounts[1]);
    expect(accounts.join()).not.toContain('key');
  });
});

describe('a request', () => {
  const job_id = '5a3c';
  const title = 'Ports';
  it.each([
    [geolens.uploadConfig.request({}), 'GET', '/ingest/upload/config'],
    [
      geolens.requestPresigned.request({
        filename: 'a.csv',
        file_size: 1,
        content_type: 'text/csv',
      }),
      'POST',
      '/ingest/upload/presigned',
    ],
    [
      geolens.completePresigned.request({ job_id, parts: [] }),
      'POST',
      '/ingest/upload/presigned/5a3c/complete',
    ],
    [geolens.preview.request({ job_id }), 'POST', '/ingest/preview/5a3c'],
    [
      geolens.preview.request({ job_id, layer_name: 'a&b=c ü' }),
      'POST',
      '/ingest/preview/5a3c?layer_name=a%26b%3Dc%20%C3%BC',
    ],
    [
      geolens.commit.request({ job_id, title, visibility: 'private' }),
      'POST',
      '/ingest/commit/5a3c',
    ],
    [geolens.jobStatus.request({ job_id }), 'GET', '/jobs/5a3c'],
  ])('%j goes where it should', (request, method, path) => {
    expect(request).toMatchObject({ method, path });
  });

  it('of a commit is the only one that is never made twice', () => {
    const once = Object.values(geolens).filter(({ repeatable }) => !repeatable);
    expect(once.map(({ id }) => id)).toEqual(['geolens.commit']);
    expect(geolens.completePresigned.tries).toBe(3);
    expect(GEOLENS_TRAITS).toMatchObject({ canResign: false, finishIdempotent: false });
  });

  it.each([
    ['-9999', -9999],
    ['0', 0],
    ['1e3', 1000],
    ['nan', 'nan'],
    [' ', ' '],
  ])('of a commit sends nodata %j as %j', (nodata_override, sent) => {
    const body = commitBody({ title, visibility: 'private', nodata_override });
    expect(body['nodata_override']).toBe(sent);
    expect(commitBody({ title, visibility: 'private' })).not.toHaveProperty('nodata_override');
  });

  it.each([
    ['private', false],
    ['restricted', false],
    ['internal', false],
    ['public', true],
  ] as const)('of a commit as %s asks first: %s', (visibility, asks) => {
    const question = geolens.commit.asksFirst?.({ job_id, title: 'P\n"orts', visibility });
    expect(question !== undefined).toBe(asks);
    expect(question ?? '').not.toContain('\n');
  });
});

describe('the URLs that came', () => {
  const upload = (urls: number, part_size: number | null, upload_id: string | null = 'u') => ({
    job_id: 'j',
    urls: Array.from({ length: urls }, (_, at) => `https://s/${at}`),
    part_size,
    upload_id,
  });

  it('are as many as the parts of the file, or are refused', () => {
    const size = fc.integer({ min: 1, max: 10_000 });
    fc.assert(
      fc.property(
        size,
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 3 }),
        (bytes, part, off) => {
          const parts = Math.ceil(bytes / part);
          expect(() => requireUrls(upload(parts, part), bytes)).not.toThrow();
          expect(() => requireUrls(upload(parts + off, part), bytes)).toThrow(/URLs came for/);
          if (parts > off) expect(() => requireUrls(upload(parts - off, part), bytes)).toThrow();
        },
      ),
    );
  });

  it.each([
    ['one for one PUT', upload(1, null, null), undefined],
    ['two for one PUT', upload(2, null, null), /2 URLs came for one PUT/],
    ['parts of no size', upload(2, null), /no size of a part/],
    ['parts without an id', upload(3, 4, null), undefined],
  ])('%s', (_what, presigned, refusal) => {
    const judge = () => requireUrls(presigned, 12);
    if (refusal === undefined) expect(judge).not.toThrow();
    else expect(judge).toThrow(refusal);
  });
});

describe('what an instance takes', () => {
  const config = (more: object = {}) => ({ presigned_uploads: true, ...more });

  it.each<[string, string, string | undefined]>([
    ['.csv,.tif', 'a.csv', undefined],
    ['csv, TIF ,', 'A.TIF', undefined],
    ['', 'a.anything', undefined],
    ['.csv', 'a.tif', 'extension'],
    ['.csv', 'csv', 'extension'],
    ['.vrt', 'a.vrt', 'vrt'],
    ['', 'a.vrt', 'vrt'],
  ])('of the list %j: %s', (allowed_extensions, fileName, reason) => {
    const judge = () => judgeFile({ fileName, bytes: 1 }, config({ allowed_extensions }));
    if (reason === undefined) expect(judge).not.toThrow();
    else expect(judge).toThrow(expect.objectContaining({ reason }));
  });

  it.each<[object, number, string | undefined]>([
    [{ max_file_size_bytes: 10 }, 10, undefined],
    [{ max_file_size_bytes: 10 }, 11, 'too_large'],
    [{}, 11, undefined],
    [{ remaining_dataset_quota: 0 }, 1, 'no_dataset_left'],
    [{ remaining_dataset_quota: 1 }, 1, undefined],
    [{ remaining_dataset_quota: null }, 1, undefined],
  ])('by %j: %i bytes', (limits, bytes, reason) => {
    const judge = () => judgeFile({ fileName: 'a.csv', bytes }, config(limits));
    if (reason === undefined) expect(judge).not.toThrow();
    else expect(judge).toThrow(expect.objectContaining({ reason }));
  });
});
