import { readdir } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DownloadReceipt, downloadFile } from '../../../src/transfer/download.ts';
import type { TransferEngine } from '../../../src/transfer/engine.ts';
import type { OpenReason } from '../../../src/transfer/failures/retry_policy.ts';
import { contents, engine, failure, folder, noise, sha256, using } from './fixtures.ts';
import { httpOrigin } from './origin.ts';
import { type RangeOrigin, type RangeRequest, rangeOrigin } from './range_origin.ts';
import { STORAGE_ERRORS } from './storage_errors.ts';

const MIB = 1024 * 1024;
const SIZE = 6 * MIB + 5;
const BYTES = noise(SIZE, 5);
const DIGEST = sha256(BYTES);

/** Many short ranges, on a thread that has time to spare. */
const RANGED = {
  watchLoad: () => () => 0,
  limits: { moreStreamsFromBytes: MIB, leastRangeBytes: MIB / 4 },
};

/** Answers in its own way; false leaves the request to the store. */
type Trouble = (
  request: RangeRequest,
  response: ServerResponse,
  message: IncomingMessage,
  origin: RangeOrigin,
) => boolean | undefined;

interface Run {
  readonly origin: RangeOrigin;
  readonly at: string;
  readonly journals: string;
  readonly reasons: OpenReason[];
  start(by?: TransferEngine): Promise<DownloadReceipt>;
}

/** A download of an object whose store makes trouble from request `from` on, so many times. */
async function troubled(trouble: Trouble, from: number, times: number): Promise<Run> {
  let left = times;
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const origin: RangeOrigin = await rangeOrigin(BYTES, {
    pieceBytes: 64 * 1024,
    // Each connection has its share of the line, so that more of them are worth it.
    pace: async () => {
      for (let i = 0; i < 8; i += 1) await turn();
    },
    answer: (request, response, message) => {
      if (request.n < from || left <= 0) return false;
      left -= 1;
      return trouble(request, response, message, origin) ?? true;
    },
  });
  await using(Promise.resolve(origin));
  const at = await folder();
  const journals = join(await folder(), 'downloads');
  const reasons: OpenReason[] = [];
  return {
    origin,
    at,
    journals,
    reasons,
    start: (by = engine(RANGED).engine) =>
      downloadFile(
        {
          open: async (reason) => {
            reasons.push(reason);
            return { kind: 'url', url: `${origin.url}?sign=${reasons.length}` };
          },
          path: join(at, 'scene.tif'),
          overwrite: false,
          signal: new AbortController().signal,
          resume: { folder: journals, identity: 'asset 1' },
        },
        by,
      ),
  };
}

const status =
  (code: number, body = '', headers: Readonly<Record<string, string>> = {}): Trouble =>
  (_request, response) => {
    response.writeHead(code, { 'content-length': Buffer.byteLength(body), ...headers }).end(body);
    return true;
  };

/** A part of the object, with something said of it that is not so. */
const part =
  (
    say: (request: RangeRequest) => Readonly<Record<string, string | number>>,
    bytes: (request: RangeRequest) => Buffer = ({ start, end }) => BYTES.subarray(start, end),
  ): Trouble =>
  (request, response) => {
    const { start, end } = request;
    response.writeHead(206, {
      etag: '"v1"',
      'content-range': `bytes ${start}-${end - 1}/${SIZE}`,
      'content-length': end - start,
      ...say(request),
    });
    response.write(bytes(request));
    response.end();
    return true;
  };

const cutAfter =
  (bytes: (request: RangeRequest) => number): Trouble =>
  (request, response) => {
    const { start, end } = request;
    response.writeHead(206, {
      etag: '"v1"',
      'content-range': `bytes ${start}-${end - 1}/${SIZE}`,
      'content-length': end - start,
    });
    response.flushHeaders();
    const body = BYTES.subarray(start, start + bytes(request));
    response.write(body, () => response.socket?.resetAndDestroy());
    return true;
  };

const length = ({ start, end }: RangeRequest) => end - start;

const ONCE: readonly { readonly what: string; readonly trouble: Trouble }[] = [
  { what: 'a reset before a byte', trouble: cutAfter(() => 0) },
  { what: 'a reset after one byte', trouble: cutAfter(() => 1) },
  { what: 'a reset half-way', trouble: cutAfter((it) => Math.floor(length(it) / 2)) },
  { what: 'a reset before the last byte', trouble: cutAfter((it) => length(it) - 1) },
  {
    what: 'a body that ends early in an answer that looks whole',
    trouble: (request, response) => {
      const { start, end } = request;
      response.writeHead(206, {
        etag: '"v1"',
        'content-range': `bytes ${start}-${end - 1}/${SIZE}`,
        'transfer-encoding': 'chunked',
      });
      response.end(BYTES.subarray(start, start + 100));
      return true;
    },
  },
  {
    what: 'less than was asked for, and said so',
    trouble: part(
      ({ start }) => ({
        'content-range': `bytes ${start}-${start + 99}/${SIZE}`,
        'content-length': 100,
      }),
      ({ start }) => BYTES.subarray(start, start + 100),
    ),
  },
  { what: '500', trouble: status(500) },
  { what: '502', trouble: status(502) },
  {
    what: '503 for a second',
    trouble: status(503, STORAGE_ERRORS.slowDown, { 'retry-after': '1' }),
  },
  { what: '429', trouble: status(429, '', { 'retry-after': '1' }) },
  { what: 'expiry', trouble: status(400, STORAGE_ERRORS.gcsExpired) },
  {
    what: 'another stretch',
    trouble: part(
      ({ start, end }) => ({
        'content-range': `bytes ${start + 1}-${end - 1}/${SIZE}`,
        'content-length': end - start - 1,
      }),
      ({ start, end }) => BYTES.subarray(start + 1, end),
    ),
  },
  {
    what: 'the start of the object',
    trouble: part(
      ({ start, end }) => ({ 'content-range': `bytes 0-${end - start - 1}/${SIZE}` }),
      (it) => BYTES.subarray(0, length(it)),
    ),
  },
  {
    what: 'another size of the whole',
    trouble: part(({ start, end }) => ({
      'content-range': `bytes ${start}-${end - 1}/${SIZE + 1}`,
    })),
  },
  {
    what: 'another version',
    trouble: part(
      () => ({ etag: '"other"' }),
      (it) => noise(length(it), 77),
    ),
  },
  { what: '412', trouble: status(412) },
  { what: '416', trouble: status(416, '', { 'content-range': `bytes */${SIZE}` }) },
  {
    what: 'the whole object, though a range was asked for',
    trouble: (_request, response) => {
      response.writeHead(200, { etag: '"v1"', 'content-length': SIZE }).end(BYTES);
      return true;
    },
  },
];

describe.each([2, 4])('trouble with request %i of a download in ranges, once', (n) => {
  it.each(ONCE)('$what: every byte is right in the end', async ({ trouble }) => {
    const run = await troubled(trouble, n, 1);
    const receipt = await run.start();
    expect(receipt.bytes).toBe(SIZE);
    expect(run.origin.requests.length).toBeGreaterThan(n);
    expect(await contents(run.at)).toEqual({ 'scene.tif': DIGEST });
    expect(await readdir(run.journals)).toEqual([]);
  });
});

describe('trouble that lasts ends a download in ranges, and nothing stands at its path', () => {
  const lasting: readonly {
    readonly what: string;
    readonly trouble: Trouble;
    readonly code: string;
    readonly kept: boolean;
  }[] = [
    { what: 'resets', trouble: cutAfter(() => 10), code: 'connection_lost', kept: true },
    { what: '500', trouble: status(500), code: 'storage_unavailable', kept: true },
    {
      what: 'expiry',
      trouble: status(400, STORAGE_ERRORS.gcsExpired),
      code: 'url_expired',
      kept: true,
    },
    { what: '404', trouble: status(404), code: 'storage_refused', kept: true },
    { what: '412', trouble: status(412), code: 'object_changed', kept: false },
    {
      what: 'redirects in a circle',
      trouble: (_request, response, message) => {
        response.writeHead(302, { location: message.url ?? '', 'content-length': 0 }).end();
        return true;
      },
      code: 'redirect_refused',
      kept: true,
    },
    {
      what: 'no statement of which bytes come',
      trouble: (_request, response) => {
        response.writeHead(206, { etag: '"v1"' }).end('bytes');
        return true;
      },
      code: 'storage_refused',
      kept: true,
    },
  ];

  it.each(lasting)('$what', async ({ trouble, code, kept }) => {
    // The first answer is cut, so that all that follows meets trouble.
    const run = await troubled(
      (request, ...rest) =>
        request.n === 1 ? cutAfter(() => 3 * MIB)(request, ...rest) : trouble(request, ...rest),
      1,
      Number.POSITIVE_INFINITY,
    );
    const error = await failure(run.start());
    expect(error.code).toBe(code);
    expect(error.resumable).toBe(kept);
    const names = Object.keys(await contents(run.at));
    expect(names.filter((name) => !name.startsWith('.'))).toEqual([]);
    expect(names).toHaveLength(kept ? 1 : 0);
    expect(await readdir(run.journals)).toHaveLength(kept ? 1 : 0);
  });
});

it('redirects to another host are followed by each stream, which carries nothing there', async () => {
  const target = await troubled(() => false, 1, 0);
  const elsewhere = await using(
    httpOrigin((_request, response) => {
      response.writeHead(302, { location: target.origin.url, 'content-length': 0 }).end();
    }),
  );
  const receipt = await downloadFile(
    {
      open: async () => ({ kind: 'url', url: `${elsewhere.url}?secret=1` }),
      path: join(target.at, 'scene.tif'),
      overwrite: false,
      signal: new AbortController().signal,
    },
    engine(RANGED).engine,
  );
  expect(receipt).toMatchObject({ bytes: SIZE, attempts: 1 });
  expect(target.origin.requests.length).toBeGreaterThan(2);
  expect(target.origin.heads.join('\n')).not.toMatch(/secret|referer|authorization|cookie/i);
  expect(await contents(target.at)).toEqual({ 'scene.tif': DIGEST });
});

it('many streams whose URL ran out ask for one new one', async () => {
  let expired = false;
  const run = await troubled(
    ({ n }, response, message) => {
      if (n >= 4) expired = true;
      const first = message.url?.includes('sign=1&') === true || message.url?.endsWith('sign=1');
      if (!expired || first !== true) return false;
      response.writeHead(400).end(STORAGE_ERRORS.gcsExpired);
      return true;
    },
    1,
    Number.POSITIVE_INFINITY,
  );
  await run.start();
  expect(run.reasons).toEqual(['first', 'expired']);
  expect(await contents(run.at)).toEqual({ 'scene.tif': DIGEST });
});

it('one stream that falls silent is asked again, and the others go on', async () => {
  const { engine: made, clock } = engine(RANGED);
  let silent = false;
  const run = await troubled(
    (request, response) => {
      const { start, end } = request;
      response.writeHead(206, {
        etag: '"v1"',
        'content-range': `bytes ${start}-${end - 1}/${SIZE}`,
        'content-length': end - start,
      });
      response.write(BYTES.subarray(start, start + 1000), () => {
        silent = true;
      });
      return true;
    },
    3,
    1,
  );
  const work = run.start(made);
  // Time passes only once the other streams have nothing left to do but to wait for it.
  const nudge = setInterval(() => {
    if (silent && run.origin.open() === 0) clock.advance(made.limits.downloadStallMs);
  }, 5);
  await work.finally(() => clearInterval(nudge));
  expect(silent).toBe(true);
  expect(await contents(run.at)).toEqual({ 'scene.tif': DIGEST });
});
