import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StorageExchange } from '../../../src/transfer/http/exchange.ts';
import { download } from './downloads.ts';
import {
  contents,
  engine,
  failure,
  folder,
  noise,
  settledAt,
  sourceFile,
  using,
} from './fixtures.ts';
import { httpOrigin, rawOrigin } from './origin.ts';
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

describe('an idle connection that the server closes as it is used again', () => {
  /** Answers the first request, resets the next `resets` without a word, answers the rest. */
  const closesIdle = (resets: number) =>
    httpOrigin((request, response, n) => {
      if (n > 1 && n <= 1 + resets) request.socket.resetAndDestroy();
      else request.resume().on('end', () => response.end());
    });

  it('costs one attempt more, at once, that does not count', async () => {
    const { url, heads } = await using(closesIdle(1));
    const { engine: made, clock } = engine({ limits: { maxAttempts: 1 } });
    await upload(await sourceFile(noise(10)), url, made);
    const receipt = await upload(await sourceFile(noise(10)), url, made);
    expect(receipt.attempts).toBe(2);
    expect(heads).toHaveLength(3);
    expect(clock.waits).toEqual([]);
  });

  it('costs no more than one that way', async () => {
    const { url, heads } = await using(closesIdle(100));
    const { engine: made, clock } = engine();
    await upload(await sourceFile(noise(10)), url, made);
    const error = await failure(upload(await sourceFile(noise(10)), url, made));
    expect(error).toMatchObject({ code: 'connection_lost', attempts: 5 });
    expect(heads).toHaveLength(6);
    expect(clock.waits).toEqual([50, 50, 50]);
  });

  it('but a new connection that is reset counts from the first', async () => {
    const { url } = await using(rawOrigin((socket) => socket.resetAndDestroy()));
    const { engine: made } = engine({ limits: { maxAttempts: 1 } });
    const error = await failure(upload(await sourceFile(noise(10)), url, made));
    expect(error).toMatchObject({ code: 'connection_lost', attempts: 1 });
  });
});

describe('storage that throttles one upload', () => {
  it('is left alone by all, for as long as it asked', async () => {
    const arrivals: number[] = [];
    const { engine: made, clock } = engine({ limits: { requestsAtOnce: 1 } });
    const { url } = await using(
      httpOrigin((request, response, n) => {
        arrivals.push(clock.now());
        request.resume().on('end', () => {
          if (n === 1) response.writeHead(429, { 'retry-after': '30' });
          response.end();
        });
      }),
    );
    const files = await Promise.all([1, 2, 3, 4].map((n) => sourceFile(noise(10, n))));
    const receipts = await Promise.all(files.map((file) => upload(file, url, made)));
    expect(receipts.map(({ attempts }) => attempts).sort()).toEqual([1, 1, 1, 2]);
    const [first = Number.NaN, ...others] = arrivals;
    expect(others).toHaveLength(4);
    for (const arrival of others) {
      expect(arrival - first).toBeGreaterThanOrEqual(30_000);
    }
  });
});

it('no more uploads run at once than the engine has places, and all come to their end', async () => {
  const seen = { now: 0, most: 0 };
  const { url } = await using(
    httpOrigin((request, response) => {
      seen.now += 1;
      seen.most = Math.max(seen.most, seen.now);
      request.resume().on('end', async () => {
        // All that may come have come.
        await settledAt(() => seen.now);
        seen.now -= 1;
        response.end();
      });
    }),
  );
  const { engine: made } = engine({ limits: { requestsAtOnce: 3 } });
  const files = await Promise.all(Array.from({ length: 12 }, (_, n) => sourceFile(noise(5000, n))));
  await Promise.all(files.map((file) => upload(file, url, made)));
  expect(seen).toEqual({ now: 0, most: 3 });
});

describe('a URL that runs out while it waits to be used', () => {
  const signedAt = (now: number) => new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');

  /** An engine whose one place another request holds, for an hour of storage's clock. */
  async function delayed(date: string | undefined) {
    const { url, heads } = await using(
      httpOrigin((request, response) => {
        response.sendDate = false;
        if (date !== undefined) response.setHeader('date', date);
        request.resume().on('end', () => response.end());
      }),
    );
    const { engine: made, clock } = engine({ limits: { requestsAtOnce: 1 } });
    await upload(await sourceFile(noise(1)), url, made);
    const release = await made.limiter.admit(new URL(url), new AbortController().signal);
    const run = newRun();
    const signed = (n: number) => {
      if (n === 1) {
        setImmediate(() => {
          clock.advance(3_600_000);
          release();
        });
      }
      const query = `X-Goog-Date=${signedAt(clock.now())}&X-Goog-Expires=900`;
      return `${url}?${query}`;
    };
    const receipt = await upload(await sourceFile(noise(10)), signed, made, { run });
    return { receipt, run, heads };
  }

  it('is signed again without being tried', async () => {
    const { receipt, run, heads } = await delayed('Sun, 01 Mar 2026 12:00:00 GMT');
    expect(run.reasons).toEqual(['first', 'expired']);
    expect(receipt.attempts).toBe(2);
    expect(heads).toHaveLength(2);
  });

  it('is tried if storage never told its time: our own clock may be wrong', async () => {
    const { receipt, run, heads } = await delayed(undefined);
    expect(run.reasons).toEqual(['first']);
    expect(receipt.attempts).toBe(1);
    expect(heads).toHaveLength(2);
  });
});

/** An exchange with a host whose name is not known. */
function unresolved(): StorageExchange {
  const response = Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }));
  response.catch(() => {});
  return {
    response,
    settled: Promise.resolve(),
    answered: false,
    onIdleConnection: false,
    failed: true,
    start() {},
    abort() {},
  };
}

it('a name that no longer resolves is tried again where its host has answered before', async () => {
  const { url } = await using(
    httpOrigin((request, response) => request.resume().on('end', () => response.end())),
  );
  const { engine: made } = engine();
  const offline = { ...made, openExchange: async () => unresolved() };
  const first = await failure(upload(await sourceFile(noise(10)), url, offline));
  expect(first).toMatchObject({ code: 'storage_unavailable', attempts: 1, retryable: false });
  await upload(await sourceFile(noise(10)), url, made);
  const later = await failure(upload(await sourceFile(noise(10)), url, offline));
  expect(later).toMatchObject({ code: 'storage_unavailable', attempts: 4, retryable: true });
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
