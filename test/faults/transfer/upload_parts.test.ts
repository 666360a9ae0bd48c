import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32cBase64, createCrc32c } from '../../../src/transfer/checksums/crc32c.ts';
import type { TransferEngine } from '../../../src/transfer/engine.ts';
import { openSourceFile } from '../../../src/transfer/files/source_file.ts';
import {
  defaultPartBytes,
  partsOf,
  uploadParts,
} from '../../../src/transfer/uploads/upload_parts.ts';
import { engine, failure, noise, sourceFile, using } from './fixtures.ts';
import { httpOrigin } from './origin.ts';
import { STORAGE_ERRORS } from './storage_errors.ts';

const MIB = 1024 * 1024;
const PART = MIB + 17;
const SIZE = 5 * PART + 99;

interface PartPut {
  readonly part: number;
  /** How often this part was put, from 1. */
  readonly time: number;
  readonly bytes: Buffer;
  readonly url: string;
}

/** Storage that takes parts; `refuse` answers a put itself and says so, or leaves it. */
async function partsOrigin(
  refuse: (put: PartPut, response: ServerResponse, request: IncomingMessage) => boolean = () =>
    false,
) {
  const stored = new Map<number, Buffer>();
  const times = new Map<number, number>();
  const seen = { now: 0, most: 0 };
  const origin = await using(
    httpOrigin((request, response) => {
      seen.now += 1;
      seen.most = Math.max(seen.most, seen.now);
      response.on('close', () => {
        seen.now -= 1;
      });
      const part = Number(new URL(request.url ?? '', 'http://x').searchParams.get('partNumber'));
      const time = (times.get(part) ?? 0) + 1;
      times.set(part, time);
      const body: Buffer[] = [];
      request.on('data', (chunk: Buffer) => body.push(chunk));
      request.on('end', () => {
        const bytes = Buffer.concat(body);
        if (!refuse({ part, time, bytes, url: request.url ?? '' }, response, request)) {
          stored.set(part, bytes);
          const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
          response.writeHead(200, { etag, 'x-amz-request-id': 'r' }).end();
        }
      });
    }),
  );
  return { url: origin.url, stored, times, seen };
}

interface Run {
  readonly signs: string[];
  readonly progress: number[];
  readonly signal?: AbortSignal;
}

async function upload(path: string, url: string, made: TransferEngine, run: Run, partBytes = PART) {
  const source = await openSourceFile(path);
  return uploadParts(
    {
      source,
      partBytes,
      async sign({ number, start, end }, reason) {
        run.signs.push(`${number}: ${start}-${end} ${reason}`);
        const signed = `${url}?partNumber=${number}&signature=${run.signs.length}`;
        return { kind: 'put', url: signed, headers: {} };
      },
      signal: run.signal ?? new AbortController().signal,
      onProgress: (bytes) => run.progress.push(bytes),
    },
    made,
  ).finally(() => source.close());
}

const newRun = (signal?: AbortSignal): Run => ({
  signs: [],
  progress: [],
  ...(signal !== undefined && { signal }),
});

const whole = (stored: ReadonlyMap<number, Buffer>) =>
  Buffer.concat([...stored].sort(([a], [b]) => a - b).map(([, bytes]) => bytes));

function crc32c(bytes: Buffer): string {
  const crc = createCrc32c();
  crc.update(bytes);
  return crc32cBase64(crc.value());
}

describe('a file in parts', () => {
  it('is there whole, with the ETag of each part as storage wrote it', async () => {
    const bytes = noise(SIZE);
    const origin = await partsOrigin();
    const run = newRun();
    const receipt = await upload(await sourceFile(bytes), origin.url, engine().engine, run);
    expect(whole(origin.stored).equals(bytes)).toBe(true);
    expect(receipt).toMatchObject({ bytes: SIZE, verified: 'md5', crc32c: crc32c(bytes) });
    expect(receipt.parts.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const part of receipt.parts) {
      const stored = origin.stored.get(part.number) ?? Buffer.alloc(0);
      expect(part).toMatchObject({
        bytes: stored.length,
        crc32c: crc32c(stored),
        attempts: 1,
        storage: { etag: `"${createHash('md5').update(stored).digest('hex')}"` },
      });
    }
    expect(run.signs.toSorted().at(-1)).toBe(`6: ${5 * PART}-${SIZE} first`);
    expect(origin.seen.most).toBeLessThanOrEqual(4);
    expect(run.progress.at(-1)).toBe(SIZE);
    expect(run.progress).toEqual([...new Set(run.progress)].sort((a, b) => a - b));
  });

  it.each([
    [0, [[0, 0]]],
    [1, [[0, 1]]],
    [PART, [[0, PART]]],
    [
      PART + 1,
      [
        [0, PART],
        [PART, PART + 1],
      ],
    ],
  ])('of %i bytes', async (size, ranges) => {
    const bytes = noise(size);
    const origin = await partsOrigin();
    const run = newRun();
    const receipt = await upload(await sourceFile(bytes), origin.url, engine().engine, run);
    expect(run.signs).toEqual(ranges.map(([start, end], at) => `${at + 1}: ${start}-${end} first`));
    expect(whole(origin.stored).equals(bytes)).toBe(true);
    expect(receipt).toMatchObject({ bytes: size, crc32c: crc32c(bytes) });
  });
});

describe('a part that fails', () => {
  it.each<[string, (response: ServerResponse, request: IncomingMessage) => void, string]>([
    ['503', (response) => response.writeHead(503).end(), 'retry'],
    ['reset', (_response, request) => request.socket.resetAndDestroy(), 'retry'],
    ['expiry', (response) => response.writeHead(400).end(STORAGE_ERRORS.gcsExpired), 'expired'],
    [
      'a lie',
      (response) => response.writeHead(200, { 'x-goog-hash': 'crc32c=AAAAAA==' }).end(),
      'retry',
    ],
  ])('(%s) is put again alone, with a new signature', async (_what, answer, reason) => {
    const bytes = noise(SIZE);
    const origin = await partsOrigin(({ part, time }, response, request) => {
      const refuses = part === 3 && time === 1;
      if (refuses) answer(response, request);
      return refuses;
    });
    const run = newRun();
    const receipt = await upload(await sourceFile(bytes), origin.url, engine().engine, run);
    expect(whole(origin.stored).equals(bytes)).toBe(true);
    expect(Object.fromEntries(origin.times)).toEqual({ 1: 1, 2: 1, 3: 2, 4: 1, 5: 1, 6: 1 });
    expect(run.signs.filter((sign) => sign.startsWith('3:'))).toEqual([
      `3: ${2 * PART}-${3 * PART} first`,
      `3: ${2 * PART}-${3 * PART} ${reason}`,
    ]);
    expect(receipt.parts[2]).toMatchObject({ number: 3, attempts: 2 });
  });

  it('for good ends the upload, and no other part is begun', async () => {
    const origin = await partsOrigin(({ part }, response) => {
      if (part !== 2) return false;
      response.writeHead(403).end(STORAGE_ERRORS.denied);
      return true;
    });
    const bytes = noise(40 * 1024);
    const run = newRun();
    const { engine: made } = engine();
    const error = await failure(upload(await sourceFile(bytes), origin.url, made, run, 1024));
    expect(error).toMatchObject({ code: 'storage_refused', status: 403 });
    const signed = run.signs.length;
    expect(signed).toBeLessThan(40);
    await new Promise((resolve) => setImmediate(resolve));
    expect(run.signs).toHaveLength(signed);
  });
});

it('a cancel ends all parts', async () => {
  const cancelled = new AbortController();
  const origin = await partsOrigin(({ part }, response) => {
    if (part === 2) cancelled.abort(new Error('cancelled'));
    else response.writeHead(200).end();
    return true;
  });
  const run = newRun(cancelled.signal);
  const work = upload(await sourceFile(noise(SIZE)), origin.url, engine().engine, run);
  await expect(work).rejects.toThrow('cancelled');
});

it('what sign throws ends the upload as it is', async () => {
  const source = await openSourceFile(await sourceFile(noise(SIZE)));
  const refusal = new Error('402: quota');
  const work = uploadParts(
    {
      source,
      sign: () => Promise.reject(refusal),
      signal: new AbortController().signal,
    },
    engine().engine,
  ).finally(() => source.close());
  await expect(work).rejects.toBe(refusal);
});

describe('the cut', () => {
  it('covers a file exactly once, in order', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.integer({ min: 1, max: 700 }), (fileBytes, partBytes) => {
        const parts = [...partsOf(fileBytes, partBytes)];
        let end = 0;
        for (const [at, part] of parts.entries()) {
          expect(part.number).toBe(at + 1);
          expect(part.start).toBe(end);
          expect(part.end - part.start).toBeLessThanOrEqual(partBytes);
          expect(part.end > part.start || fileBytes === 0).toBe(true);
          end = part.end;
        }
        expect(end).toBe(fileBytes);
      }),
    );
  });

  it.each([
    [0, 16 * MIB],
    [200 * 1024 ** 3, 23 * MIB],
    [9000 * 16 * MIB, 16 * MIB],
    [9000 * 16 * MIB + 1, 17 * MIB],
    [5 * 1024 ** 4, 583 * MIB],
  ])('of %i bytes is into parts of %i', (fileBytes, partBytes) => {
    expect(defaultPartBytes(fileBytes)).toBe(partBytes);
    expect(Math.ceil(fileBytes / partBytes)).toBeLessThanOrEqual(9000);
  });

  it.each([0, -1, 1.5, Number.NaN])('into parts of %d bytes is refused', (partBytes) => {
    expect(() => [...partsOf(10, partBytes)]).toThrow(RangeError);
  });
});
