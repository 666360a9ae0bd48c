import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Cancelled } from '../../../src/transfer/cancelled.ts';
import { type DownloadReceipt, downloadFile } from '../../../src/transfer/download.ts';
import type { TransferEngine } from '../../../src/transfer/engine.ts';
import { contents, engine, failure, folder, noise, sha256, using } from './fixtures.ts';
import { type RangeOriginOptions, type RangeRequest, rangeOrigin } from './range_origin.ts';

const MIB = 1024 * 1024;
const SIZE = 24 * MIB + 11;
const BYTES = noise(SIZE, 3);
const DIGEST = sha256(BYTES);
const OTHER = noise(SIZE, 99);

/** Small enough to be quick, large enough to be cut into many ranges. */
const LIMITS = { moreStreamsFromBytes: 2 * MIB, leastRangeBytes: MIB };
/** A thread with time to spare: the tests' own server would make it look busy. */
const IDLE = { watchLoad: () => () => 0, limits: LIMITS };

const serves = async (options: RangeOriginOptions = {}, bytes = BYTES) => {
  const origin = await rangeOrigin(bytes, options);
  await using(Promise.resolve(origin));
  return origin;
};

interface Place {
  readonly at: string;
  readonly path: string;
  readonly journals: string;
}

async function place(): Promise<Place> {
  const at = await folder();
  return { at, path: join(at, 'scene.tif'), journals: join(await folder(), 'downloads') };
}

interface Asked {
  readonly signal?: AbortSignal;
  readonly identity?: string;
  readonly onProgress?: (done: number, total: number | undefined) => void;
  readonly open?: () => string;
}

function download(
  url: string,
  { path, journals }: Place,
  by: TransferEngine,
  asked: Asked = {},
): Promise<DownloadReceipt> {
  return downloadFile(
    {
      open: async () => ({ kind: 'url', url: asked.open?.() ?? url }),
      path,
      overwrite: false,
      signal: asked.signal ?? new AbortController().signal,
      resume: { folder: journals, identity: asked.identity ?? 'asset 1' },
      onProgress: (done, total) => asked.onProgress?.(done, total),
    },
    by,
  );
}

/** Lets each connection send a piece only when all others have had theirs: no line is shared. */
const evenly = () => {
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return async (_request: RangeRequest) => {
    for (let i = 0; i < 20; i += 1) await turn();
  };
};

async function expectWhole({ at, journals }: Place, digest = DIGEST): Promise<void> {
  expect(await contents(at)).toEqual({ 'scene.tif': digest });
  expect(await readdir(journals).catch(() => [])).toEqual([]);
}

describe('a download in ranges', () => {
  it('asks for all of it first, and for nothing else where that is quick', async () => {
    const origin = await serves();
    const to = await place();
    const receipt = await download(
      origin.url,
      to,
      engine({ limits: LIMITS, watchLoad: () => () => 1 }).engine,
    );
    expect(receipt).toMatchObject({ bytes: SIZE, verified: 'size', attempts: 1 });
    expect(origin.requests.map(({ start, end }) => [start, end])).toEqual([[0, SIZE]]);
    await expectWhole(to);
  });

  it('adds connections where each has its share, all bound to the first version', async () => {
    const origin = await serves({ pace: evenly() });
    const to = await place();
    const seen: number[] = [];
    const receipt = await download(origin.url, to, engine(IDLE).engine, {
      onProgress: (done, total) => {
        expect(total).toBe(SIZE);
        seen.push(done);
      },
    });
    expect(receipt).toMatchObject({ bytes: SIZE, attempts: 1 });
    expect(origin.requests.length).toBeGreaterThan(3);
    expect(origin.requests.slice(1).every(({ ifMatch }) => ifMatch === '"v1"')).toBe(true);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(SIZE);
    await expectWhole(to);
  });

  it('sends no condition on the first request, which knows no version', async () => {
    const origin = await serves();
    await download(origin.url, await place(), engine(IDLE).engine);
    expect(origin.requests[0]?.ifMatch).toBeUndefined();
  });

  it.each([
    ['refuses it with 503', 503],
    ['refuses it with 429', 429],
    ['refuses it with 403', 403],
  ])('goes on with the connections it has where a server %s', async (_how, status) => {
    let open = 0;
    const origin = await serves({
      pace: evenly(),
      answer: (_request, response) => {
        if (open > 0) {
          response.writeHead(status, { 'content-length': 0 }).end();
          return true;
        }
        open += 1;
        response.on('close', () => {
          open -= 1;
        });
        return false;
      },
    });
    const to = await place();
    const receipt = await download(origin.url, to, engine(IDLE).engine);
    expect(receipt.bytes).toBe(SIZE);
    await expectWhole(to);
  });

  it.each([1, 2, 3, 5])(
    'asks again for what is missing when connection %s breaks',
    async (which) => {
      const broken = new Set<number>();
      const origin = await serves({
        pace: async (request) => {
          await evenly()(request);
          if (request.n === which && request.sent > 0 && !broken.has(which)) {
            broken.add(which);
            throw new Error('reset');
          }
        },
      });
      const to = await place();
      const receipt = await download(origin.url, to, engine(IDLE).engine);
      expect(receipt.bytes).toBe(SIZE);
      const sent = origin.requests.reduce((sum, request) => sum + request.sent, 0);
      // What was in flight on a connection that was cut or split is sent twice, and no more.
      expect(sent).toBeLessThan(2 * SIZE);
      await expectWhole(to);
    },
  );
});

describe('an object that is replaced while it is downloaded', () => {
  it('is downloaded anew, once, and never mixed', async () => {
    let replaced = false;
    const origin = await serves({
      pace: async (request) => {
        await evenly()(request);
        if (!replaced && request.n === 1 && request.sent >= 4 * MIB) {
          replaced = true;
          origin.replace(OTHER);
          throw new Error('reset');
        }
      },
    });
    const to = await place();
    const receipt = await download(origin.url, to, engine(IDLE).engine);
    expect(receipt.attempts).toBeGreaterThan(1);
    await expectWhole(to, sha256(OTHER));
  });

  it('is given up when it is replaced again', async () => {
    let version = 1;
    const origin = await serves({
      pace: async (request) => {
        await evenly()(request);
        if (request.sent >= 2 * MIB) {
          version += 1;
          origin.replace(BYTES, `"v${version}"`);
          throw new Error('reset');
        }
      },
    });
    const to = await place();
    const error = await failure(download(origin.url, to, engine(IDLE).engine));
    expect(error.code).toBe('object_changed');
    expect(await contents(to.at)).toEqual({});
    expect(await readdir(to.journals)).toEqual([]);
  });
});

describe('a download that breaks off', () => {
  /** Ends every body after so many bytes, for good. */
  const endsAfter = (bytes: number): RangeOriginOptions => ({
    pieceBytes: 64 * 1024,
    pace: async (request) => {
      await evenly()(request);
      if (request.start + request.sent >= bytes) throw new Error('reset');
    },
  });

  async function brokenOff(to: Place): Promise<void> {
    const origin = await serves(endsAfter(10 * MIB));
    const error = await failure(
      download(origin.url, to, engine({ ...IDLE, watchLoad: () => () => 1 }).engine),
    );
    expect(error).toMatchObject({ code: 'connection_lost', resumable: true });
    expect(Object.keys(await contents(to.at))).toEqual([
      expect.stringMatching(/^\.scene\.tif\..+\.part$/),
    ]);
  }

  it('goes on from there when it is asked for again, by another URL', async () => {
    const to = await place();
    await brokenOff(to);
    const origin = await serves();
    const receipt = await download(`${origin.url}?other=1`, to, engine(IDLE).engine);
    expect(receipt.resumedBytes).toBeGreaterThan(9 * MIB);
    expect(origin.requests[0]).toMatchObject({ start: receipt.resumedBytes, ifMatch: '"v1"' });
    const sent = origin.requests.reduce((sum, request) => sum + request.sent, 0);
    // Less than all of it, though a server counts also what is lost on a connection that was cut.
    expect(sent).toBeLessThan(SIZE);
    await expectWhole(to);
  });

  it('begins anew when the object is another one by then', async () => {
    const to = await place();
    await brokenOff(to);
    const origin = await serves({ etag: '"v2"' }, OTHER);
    await download(origin.url, to, engine(IDLE).engine);
    await expectWhole(to, sha256(OTHER));
  });

  it('begins anew when storage states no version any more', async () => {
    const to = await place();
    await brokenOff(to);
    const origin = await serves({ etag: 'W/"v1"' });
    const receipt = await download(origin.url, to, engine(IDLE).engine);
    expect(receipt.resumedBytes).toBeUndefined();
    await expectWhole(to);
  });

  it('is not gone on with for another thing, or to another path', async () => {
    const to = await place();
    await brokenOff(to);
    const origin = await serves();
    const receipt = await download(origin.url, to, engine(IDLE).engine, { identity: 'asset 2' });
    expect(receipt.resumedBytes).toBeUndefined();
  });

  it('keeps nothing where it may not, and nothing that storage cannot vouch for', async () => {
    const to = await place();
    const origin = await serves({ ...endsAfter(10 * MIB), etag: 'W/"v1"' });
    const error = await failure(download(origin.url, to, engine(IDLE).engine));
    expect(error.resumable).toBe(false);
    expect(await contents(to.at)).toEqual({});
    expect(await readdir(to.journals)).toEqual([]);
  });

  it.each([
    [true, 1],
    [false, 0],
  ])('keeps what came of a cancelled one only if asked: %s', async (keepPartial, files) => {
    const to = await place();
    const cancel = new AbortController();
    const reason = new Cancelled('no longer wanted', { keepPartial });
    const origin = await serves({ pace: evenly() });
    const work = download(origin.url, to, engine(IDLE).engine, {
      signal: cancel.signal,
      onProgress: (done) => {
        if (done > 5 * MIB) cancel.abort(reason);
      },
    });
    await expect(work).rejects.toBe(reason);
    expect(reason.partialKept).toBe(keepPartial);
    expect(Object.keys(await contents(to.at)).length).toBe(files);
    expect((await readdir(to.journals)).length).toBe(files);
  });
});
