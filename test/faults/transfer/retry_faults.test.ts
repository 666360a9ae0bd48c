import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { download } from './downloads.ts';
import { contents, engine, failure, folder, noise, sourceFile, using } from './fixtures.ts';
import { httpOrigin } from './origin.ts';
import { STORAGE_ERRORS } from './storage_errors.ts';
import { newRun, upload } from './uploads.ts';

/** 2026-03-01T12:00:00Z is the test clock's present. */
const PAST = 'X-Goog-Date=20260301T110000Z&X-Goog-Expires=900&X-Goog-Signature=secret';

interface Row {
  readonly what: string;
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  /** Waits before the attempt that succeeds. */
  readonly waits: readonly number[];
  readonly reason: 'expired' | 'retry';
}

const HEALS: readonly Row[] = [
  {
    what: 'GCS expiry',
    status: 400,
    body: STORAGE_ERRORS.gcsExpired,
    waits: [],
    reason: 'expired',
  },
  { what: 'S3 expiry', status: 403, body: STORAGE_ERRORS.s3Expired, waits: [], reason: 'expired' },
  { what: 'R2 expiry', status: 403, body: STORAGE_ERRORS.r2Expired, waits: [], reason: 'expired' },
  {
    what: 'Azure expiry',
    status: 403,
    body: STORAGE_ERRORS.azureExpired,
    waits: [],
    reason: 'expired',
  },
  { what: 'bare 401', status: 401, waits: [], reason: 'expired' },
  { what: 'bare 403', status: 403, waits: [], reason: 'expired' },
  { what: 'bare 410', status: 410, waits: [], reason: 'expired' },
  {
    what: 'denial past the end',
    status: 403,
    body: STORAGE_ERRORS.denied,
    query: PAST,
    waits: [],
    reason: 'expired',
  },
  { what: 'stale key', status: 403, body: STORAGE_ERRORS.badSignature, waits: [], reason: 'retry' },
  { what: '500', status: 500, waits: [50], reason: 'retry' },
  { what: '502', status: 502, waits: [50], reason: 'retry' },
  {
    what: '503 in seconds',
    status: 503,
    headers: { 'retry-after': '7' },
    waits: [7000],
    reason: 'retry',
  },
  {
    what: '503 by date',
    status: 503,
    headers: {
      date: 'Sun, 01 Mar 2026 10:00:00 GMT',
      'retry-after': 'Sun, 01 Mar 2026 10:00:09 GMT',
    },
    waits: [9000],
    reason: 'retry',
  },
  {
    what: '503 SlowDown',
    status: 503,
    body: STORAGE_ERRORS.slowDown,
    waits: [50],
    reason: 'retry',
  },
  { what: '429', status: 429, headers: { 'retry-after': '3' }, waits: [3000], reason: 'retry' },
  {
    what: '429 for an hour',
    status: 429,
    headers: { 'retry-after': '3600' },
    waits: [120_000],
    reason: 'retry',
  },
  { what: '408', status: 408, waits: [50], reason: 'retry' },
];

/** Answers the first request as the row says and every other with `bytes`. */
function refusesOnce(row: Row, bytes: Buffer) {
  return httpOrigin((request, response, n) => {
    request.resume().on('end', () => {
      if (n === 1) {
        response.writeHead(row.status, { date: 'Sun, 01 Mar 2026 12:00:00 GMT', ...row.headers });
        response.end(row.body);
      } else {
        response.end(bytes);
      }
    });
  });
}

describe.each(HEALS)('$what, then good', (row) => {
  const address = (url: string) => (row.query === undefined ? url : `${url}?${row.query}`);

  it('an upload heals', async () => {
    const { url } = await using(refusesOnce(row, Buffer.alloc(0)));
    const { engine: made, clock } = engine();
    const run = newRun();
    const receipt = await upload(await sourceFile(noise(5000)), address(url), made, { run });
    expect(receipt.attempts).toBe(2);
    expect(run.reasons).toEqual(['first', row.reason]);
    expect(clock.waits).toEqual(row.waits);
  });

  it('a download heals', async () => {
    const bytes = noise(5000);
    const { url } = await using(refusesOnce(row, bytes));
    const { engine: made, clock } = engine();
    const path = join(await folder(), 'scene.tif');
    const reasons: string[] = [];
    const receipt = await download(path, address(url), made, { reasons });
    expect(receipt.attempts).toBe(2);
    expect(reasons).toEqual(['first', row.reason]);
    expect(clock.waits).toEqual(row.waits);
    expect(await readFile(path)).toEqual(bytes);
  });
});

describe.each([
  {
    what: 'GCS expiry',
    status: 400,
    body: STORAGE_ERRORS.gcsExpired,
    code: 'url_expired',
    attempts: 3,
    retryable: true,
  },
  {
    what: 'bare 403',
    status: 403,
    body: '',
    code: 'storage_refused',
    attempts: 3,
    retryable: true,
  },
  {
    what: 'bad signature',
    status: 403,
    body: STORAGE_ERRORS.badSignature,
    code: 'storage_refused',
    attempts: 2,
    retryable: false,
  },
  {
    what: 'denial',
    status: 403,
    body: STORAGE_ERRORS.denied,
    code: 'storage_refused',
    attempts: 1,
    retryable: false,
  },
  { what: '404', status: 404, body: '', code: 'storage_refused', attempts: 1, retryable: false },
  {
    what: '400',
    status: 400,
    body: '<html>no</html>',
    code: 'storage_refused',
    attempts: 1,
    retryable: false,
  },
  { what: '501', status: 501, body: '', code: 'storage_refused', attempts: 1, retryable: false },
  { what: '500', status: 500, body: '', code: 'storage_unavailable', attempts: 4, retryable: true },
  { what: '429', status: 429, body: '', code: 'storage_unavailable', attempts: 4, retryable: true },
])('$what for good: $code', ({ status, body, code, attempts, retryable }) => {
  const refuses = () =>
    using(
      httpOrigin((request, response) => {
        request.resume().on('end', () => response.writeHead(status).end(body));
      }),
    );

  it('ends an upload', async () => {
    const { url, heads } = await refuses();
    const error = await failure(upload(await sourceFile(noise(10)), url, engine().engine));
    expect(error).toMatchObject({ code, status, attempts, retryable });
    expect(heads).toHaveLength(attempts);
  });

  it('ends a download and leaves nothing', async () => {
    const { url, heads } = await refuses();
    const at = await folder();
    const error = await failure(download(join(at, 'a.tif'), url, engine().engine));
    expect(error).toMatchObject({ code, status, attempts, retryable });
    expect(heads).toHaveLength(attempts);
    expect(await contents(at)).toEqual({});
  });
});

it('no error holds the query of a URL', async () => {
  const body = `<Error><Code>AccessDenied</Code><Message>See https://s.example/o?X-Goog-Signature=secret1 and sig=secret2</Message></Error>`;
  const { url } = await using(
    httpOrigin((request, response) => {
      request.resume().on('end', () => response.writeHead(403).end(body));
    }),
  );
  const error = await failure(
    upload(await sourceFile(noise(10)), `${url}?X-Goog-Signature=secret3`, engine().engine),
  );
  const everything = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
  expect(everything).toContain('AccessDenied');
  expect(everything).not.toMatch(/secret[123]/);
});
