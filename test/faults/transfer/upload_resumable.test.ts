import { truncate } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { TransferEngine } from '../../../src/transfer/engine.ts';
import { openSourceFile } from '../../../src/transfer/files/source_file.ts';
import { uploadFile } from '../../../src/transfer/upload.ts';
import { engine, failure, noise, sha256, sourceFile, tlsDispatcher, using } from './fixtures.ts';
import { httpOrigin } from './origin.ts';
import { type PutFate, resumableOrigin, SESSION_SECRET } from './resumable_origin.ts';
import { STORAGE_ERRORS } from './storage_errors.ts';

const MIB = 1024 * 1024;
const SIZE = 6 * MIB + 123;
const LAST = SIZE - 1;

interface Run {
  readonly reasons: string[];
  readonly progress: number[];
  readonly signal?: AbortSignal;
}

const newRun = (signal?: AbortSignal): Run => ({
  reasons: [],
  progress: [],
  ...(signal !== undefined && { signal }),
});

async function upload(path: string, url: string, made: TransferEngine, run = newRun()) {
  const source = await openSourceFile(path);
  return uploadFile(
    {
      source,
      async sign(reason) {
        run.reasons.push(reason);
        return {
          kind: 'resumable',
          url: `${url}?X-Goog-Signature=signed-secret`,
          headers: { 'x-goog-resumable': 'start', 'content-type': 'image/tiff' },
        };
      },
      signal: run.signal ?? new AbortController().signal,
      onProgress: (bytes) => run.progress.push(bytes),
      sha256: true,
    },
    made,
  ).finally(() => source.close());
}

const resumable = async (...args: Parameters<typeof resumableOrigin>) => {
  const origin = await resumableOrigin(...args);
  await using(Promise.resolve(origin));
  return origin;
};

/** The fates of the first PUTs in order; all others complete. */
const fates = (...list: readonly PutFate[]) => resumable((n) => list[n - 1]);

describe('a session', () => {
  it('begins with one POST and takes the file in one PUT', async () => {
    const bytes = noise(SIZE);
    const origin = await fates();
    const run = newRun();
    const receipt = await upload(await sourceFile(bytes), origin.url, engine().engine, run);
    expect(origin.asked).toEqual(['POST', `PUT 0-${LAST}/${SIZE}`]);
    expect(origin.heads[0]).toMatch(/^POST .*X-Goog-Signature=signed-secret/);
    expect(origin.heads[0]?.toLowerCase()).toMatch(
      /x-goog-resumable: start(.|\n)*content-length: 0/,
    );
    expect(origin.heads[1]).toMatch(/^PUT .*upload_id=/);
    expect(origin.heads[1]?.toLowerCase()).not.toContain('x-goog-resumable');
    expect(origin.stored().equals(bytes)).toBe(true);
    expect(receipt).toMatchObject({
      bytes: SIZE,
      verified: 'crc32c',
      attempts: 1,
      sha256: sha256(bytes),
    });
    expect(run.progress.at(-1)).toBe(SIZE);
  });

  it('of an empty file is completed by asking', async () => {
    const origin = await fates();
    const receipt = await upload(await sourceFile(noise(0)), origin.url, engine().engine);
    expect(origin.asked).toEqual(['POST', 'PUT */0']);
    expect(receipt).toMatchObject({ bytes: 0, verified: 'crc32c', crc32c: 'AAAAAA==' });
  });
});

describe('an upload that breaks off goes on from what storage has', () => {
  it.each<[string, PutFate, number]>([
    ['reset at the start', { keeps: 0, ends: 'reset' }, 0],
    ['reset after a byte', { keeps: 1, ends: 'reset' }, 1],
    ['reset in the middle', { keeps: 3 * MIB, ends: 'reset' }, 3 * MIB],
    ['reset before the last byte', { keeps: LAST, ends: 'reset' }, LAST],
    ['503, some of it kept', { keeps: 2 * MIB, ends: 503 }, 2 * MIB],
    ['500, nothing kept', { keeps: 0, ends: 500 }, 0],
  ])('%s', async (_what, fate, offset) => {
    const bytes = noise(SIZE);
    const origin = await fates(fate);
    const run = newRun();
    const receipt = await upload(await sourceFile(bytes), origin.url, engine().engine, run);
    expect(origin.asked).toEqual([
      'POST',
      `PUT 0-${LAST}/${SIZE}`,
      `PUT */${SIZE}`,
      `PUT ${offset}-${LAST}/${SIZE}`,
    ]);
    expect(origin.stored().equals(bytes)).toBe(true);
    expect(receipt).toMatchObject({ verified: 'crc32c', attempts: 2, sha256: sha256(bytes) });
    expect(run.reasons).toEqual(['first']);
    expect(run.progress).toEqual([...new Set(run.progress)].sort((a, b) => a - b));
  });

  it('also where storage goes back behind what it had', async () => {
    const bytes = noise(SIZE);
    const origin = await fates(
      { keeps: 5 * MIB, ends: 'reset' },
      { keeps: 2 * MIB, ends: 'reset' },
      { keeps: 1 * MIB + 7, ends: 308 },
    );
    const receipt = await upload(await sourceFile(bytes), origin.url, engine().engine);
    expect(origin.asked.filter((asked) => !asked.includes('*'))).toEqual([
      'POST',
      `PUT 0-${LAST}/${SIZE}`,
      `PUT ${5 * MIB}-${LAST}/${SIZE}`,
      `PUT ${2 * MIB}-${LAST}/${SIZE}`,
      `PUT ${MIB + 7}-${LAST}/${SIZE}`,
    ]);
    expect(origin.stored().equals(bytes)).toBe(true);
    expect(receipt).toMatchObject({ verified: 'crc32c', sha256: sha256(bytes) });
  });

  it('at once where storage took only some of it and says so', async () => {
    const bytes = noise(SIZE);
    const origin = await fates({ keeps: 2 * MIB, ends: 308 }, { keeps: 4 * MIB, ends: 308 });
    const { engine: made, clock } = engine();
    const receipt = await upload(await sourceFile(bytes), origin.url, made);
    expect(origin.asked).toEqual([
      'POST',
      `PUT 0-${LAST}/${SIZE}`,
      `PUT ${2 * MIB}-${LAST}/${SIZE}`,
      `PUT ${4 * MIB}-${LAST}/${SIZE}`,
    ]);
    expect(origin.stored().equals(bytes)).toBe(true);
    expect(receipt.attempts).toBe(1);
    // The gates, not a pause.
    expect(clock.waits.every((ms) => ms <= 50)).toBe(true);
  });

  it('and is done if only the last answer was lost', async () => {
    const bytes = noise(SIZE);
    const origin = await fates({ keeps: SIZE, ends: 'reset' });
    const receipt = await upload(await sourceFile(bytes), origin.url, engine().engine);
    expect(origin.asked).toEqual(['POST', `PUT 0-${LAST}/${SIZE}`, `PUT */${SIZE}`]);
    expect(receipt).toMatchObject({ verified: 'crc32c', attempts: 2 });
  });

  it('however often, as long as bytes are kept each time', async () => {
    const size = 20 * MIB;
    const bytes = noise(size);
    const origin = await resumable((_n, start) =>
      start + 2 * MIB < size ? { keeps: start + 2 * MIB, ends: 'reset' } : undefined,
    );
    const receipt = await upload(await sourceFile(bytes), origin.url, engine().engine);
    expect(receipt).toMatchObject({ verified: 'crc32c', attempts: 10 });
    expect(origin.stored().equals(bytes)).toBe(true);
  });

  it('but not for ever without', async () => {
    const origin = await resumable(() => ({ keeps: 5, ends: 'reset' }));
    const error = await failure(upload(await sourceFile(noise(SIZE)), origin.url, engine().engine));
    expect(error).toMatchObject({ code: 'connection_lost', attempts: 8, retryable: true });
  });

  it('nor where each answer keeps nothing', async () => {
    const origin = await resumable(() => ({ keeps: 5, ends: 308 }));
    const error = await failure(upload(await sourceFile(noise(SIZE)), origin.url, engine().engine));
    expect(error).toMatchObject({ code: 'storage_unavailable', attempts: 8, status: 308 });
  });
});

describe('a session that is lost', () => {
  it('is followed by another, from the first byte and with a new signature', async () => {
    const bytes = noise(SIZE);
    const origin = await resumable((n) => (n === 1 ? { keeps: MIB, ends: 'reset' } : undefined), 1);
    const run = newRun();
    const receipt = await upload(await sourceFile(bytes), origin.url, engine().engine, run);
    expect(origin.asked).toEqual([
      'POST',
      `PUT 0-${LAST}/${SIZE}`,
      `PUT */${SIZE}`,
      'POST',
      `PUT 0-${LAST}/${SIZE}`,
    ]);
    expect(run.reasons).toEqual(['first', 'retry']);
    expect(receipt).toMatchObject({ verified: 'crc32c', sha256: sha256(bytes) });
  });

  it('is told apart from a start that is refused: a URL that ran out is signed again', async () => {
    const { url, heads } = await using(
      httpOrigin((request, response, n) => {
        const location = `${url}?upload_id=${SESSION_SECRET}`;
        request.resume().on('end', () => {
          if (n === 1) response.writeHead(400).end(STORAGE_ERRORS.gcsExpired);
          else if (n === 2) response.writeHead(201, { location }).end();
          else response.writeHead(200).end();
        });
      }),
    );
    const run = newRun();
    const receipt = await upload(await sourceFile(noise(10)), url, engine().engine, run);
    expect(run.reasons).toEqual(['first', 'expired']);
    expect(receipt).toMatchObject({ attempts: 2, verified: 'none' });
    expect(heads.map((head) => head.slice(0, 4))).toEqual(['POST', 'POST', 'PUT ']);
  });

  it('again and again is no progress, whatever was sent', async () => {
    const origin = await resumable(() => ({ keeps: 5 * MIB, ends: 'reset' }), 100);
    const error = await failure(upload(await sourceFile(noise(SIZE)), origin.url, engine().engine));
    expect(error).toMatchObject({ attempts: 8 });
  });
});

describe('what ends it', () => {
  it('a file that changes while it waits to go on', async () => {
    const path = await sourceFile(noise(SIZE));
    const origin = await resumable((n) => {
      if (n > 1) return undefined;
      void truncate(path, SIZE - 1);
      return { keeps: MIB, ends: 'reset' };
    });
    const error = await failure(upload(path, origin.url, engine().engine));
    expect(error).toMatchObject({ code: 'source_changed', retryable: false });
  });

  it('a cancel, in the middle of it', async () => {
    const cancelled = new AbortController();
    const origin = await resumable(() => {
      setImmediate(() => cancelled.abort(new Error('cancelled')));
      return undefined;
    });
    const run = newRun(cancelled.signal);
    const work = upload(await sourceFile(noise(SIZE)), origin.url, engine().engine, run);
    await expect(work).rejects.toThrow('cancelled');
  });

  it('a start over TLS that leads to plain HTTP', async () => {
    const { url } = await using(
      httpOrigin(
        (request, response) => {
          const location = 'http://127.0.0.1/session';
          request.resume().on('end', () => response.writeHead(201, { location }).end());
        },
        { tls: true },
      ),
    );
    const { engine: made } = engine({ dispatcher: tlsDispatcher() });
    const error = await failure(upload(await sourceFile(noise(10)), url, made));
    expect(error).toMatchObject({ code: 'storage_refused', attempts: 1 });
  });

  it.each([
    ['no address', {}],
    ['one that is no URL', { location: 'http://[' }],
    ['one of another kind', { location: 'file:///etc/passwd' }],
    ['one with a password', { location: 'http://user:pass@127.0.0.1/' }],
  ])('a start that is answered with %s', async (_what, headers) => {
    const { url } = await using(
      httpOrigin((request, response) => {
        request.resume().on('end', () => response.writeHead(201, headers).end());
      }),
    );
    const error = await failure(upload(await sourceFile(noise(10)), url, engine().engine));
    expect(error).toMatchObject({ code: 'storage_refused', attempts: 1 });
  });

  it.each([
    ['more than the file', `bytes=0-${SIZE + 5}`],
    ['nonsense', 'bytes=5-9'],
    ['what was never sent', 'bytes=0-99'],
  ])('a session that says it has %s', async (_what, range) => {
    const { url } = await using(
      httpOrigin((request, response, n) => {
        const location = `${url}?upload_id=${SESSION_SECRET}`;
        request.resume();
        if (n === 1) response.writeHead(201, { location }).end();
        else if (n === 2) request.socket.resetAndDestroy();
        else response.writeHead(308, { range }).end();
      }),
    );
    const source = await sourceFile(noise(range.endsWith('-99') ? 50 : SIZE));
    const error = await failure(upload(source, url, engine().engine));
    expect(error).toMatchObject({ code: 'storage_refused', retryable: false });
  });

  it('and no error tells the address of the session', async () => {
    const { url } = await using(
      httpOrigin((request, response, n) => {
        const location = `${url}?upload_id=${SESSION_SECRET}`;
        const body = `<Error><Code>Bad</Code><Message>at ${location} upload_id=${SESSION_SECRET}</Message></Error>`;
        request.resume().on('end', () => {
          if (n === 1) response.writeHead(201, { location }).end();
          else response.writeHead(400).end(body);
        });
      }),
    );
    const error = await failure(upload(await sourceFile(noise(10)), url, engine().engine));
    const everything = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
    expect(everything).toContain('400 Bad');
    expect(everything).not.toContain('secret');
  });
});
