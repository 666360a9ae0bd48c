import { open, rm, stat, truncate, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  combineCrc32c,
  crc32cBase64,
  createCrc32c,
} from '../../../src/transfer/checksums/crc32c.ts';
import { downloadFile } from '../../../src/transfer/download.ts';
import { DownloadJournal } from '../../../src/transfer/downloads/download_journal.ts';
import { partPathFor } from '../../../src/transfer/files/part_file.ts';
import { folder, liveEngine, noise, using } from './fixtures.ts';
import { httpOrigin } from './origin.ts';
import { upload } from './uploads.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const SIZE = 4 * GIB + 100 * MIB + 7;
/** The one stretch that is not zeros lies across the first byte that 32 bits cannot count. */
const NOISE = { start: 4 * GIB - MIB, bytes: noise(2 * MIB, 8) };
const NOISE_END = NOISE.start + NOISE.bytes.length;
const ETAG = '"large"';

/** CRC-32C of so many zeros, from those of powers of two of them. */
function crcOfZeros(count: number): number {
  const one = createCrc32c();
  one.update(new Uint8Array(1));
  let crc = createCrc32c().value();
  let power = one.value();
  for (let left = count, bytes = 1; left > 0; bytes *= 2) {
    if (left % 2 === 1) crc = combineCrc32c(crc, power, bytes);
    power = combineCrc32c(power, power, bytes);
    left = Math.floor(left / 2);
  }
  return crc;
}

function crcOf(bytes: Uint8Array): number {
  const crc = createCrc32c();
  crc.update(bytes);
  return crc.value();
}

const WHOLE_CRC = combineCrc32c(
  combineCrc32c(crcOfZeros(NOISE.start), crcOf(NOISE.bytes), NOISE.bytes.length),
  crcOfZeros(SIZE - NOISE_END),
  SIZE - NOISE_END,
);

/** Bytes of the object from `start` on, at most as many as there are zeros at hand. */
function pieceAt(start: number, end: number, zeros: Buffer): Buffer {
  if (start >= NOISE.start && start < NOISE_END) {
    return NOISE.bytes.subarray(start - NOISE.start, end - NOISE.start);
  }
  const next = start < NOISE.start ? NOISE.start : SIZE;
  return zeros.subarray(0, Math.min(end, next) - start);
}

/** Serves the object without having it. */
const serves = (asked: string[]) =>
  using(
    httpOrigin((request, response) => {
      asked.push(request.headers.range ?? '');
      const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
      const start = Number(from);
      const end = to === '' ? SIZE : Number(to) + 1;
      response.writeHead(206, {
        etag: ETAG,
        'x-goog-hash': `crc32c=${crc32cBase64(WHOLE_CRC)}`,
        'content-length': end - start,
        'content-range': `bytes ${start}-${end - 1}/${SIZE}`,
      });
      void send(response, start, end);
    }),
  );

async function send(response: ServerResponse, start: number, end: number): Promise<void> {
  const zeros = Buffer.alloc(MIB);
  for (let at = start; at < end && !response.destroyed; ) {
    const piece = pieceAt(at, end, zeros);
    at += piece.length;
    if (!response.write(piece)) {
      await new Promise<void>((resolve) => {
        response.once('drain', resolve);
        response.once('close', resolve);
      });
    }
  }
  response.end();
}

async function expectTheObject(path: string): Promise<void> {
  expect((await stat(path)).size).toBe(SIZE);
  const file = await open(path);
  const around = Buffer.alloc(NOISE.bytes.length + 2);
  await file.read(around, 0, around.length, NOISE.start - 1);
  await file.close();
  expect(around.equals(Buffer.concat([Buffer.alloc(1), NOISE.bytes, Buffer.alloc(1)]))).toBe(true);
}

const request = (url: string, path: string, journals: string) => ({
  open: async () => ({ kind: 'url' as const, url }),
  path,
  overwrite: false,
  signal: new AbortController().signal,
  resume: { folder: journals, identity: 'large' },
});

describe('a download of more than 4 GiB', () => {
  it('goes on where 32 bits end, and its checksum is that of the whole', async () => {
    const at = await folder();
    const path = join(at, 'large.tif');
    const journals = join(await folder(), 'downloads');
    const part = partPathFor(path);
    await writeFile(part, '', { mode: 0o600 });
    await truncate(part, SIZE);
    const journal = await DownloadJournal.create(journals, 'large', path);
    const version = { total: SIZE, etag: ETAG };
    await journal.begin({ identity: 'large', target: path, part, version, startedAt: 0 }, [
      { start: 0, end: NOISE.start, crc32c: crcOfZeros(NOISE.start) },
      { start: NOISE_END, end: SIZE, crc32c: crcOfZeros(SIZE - NOISE_END) },
    ]);
    await journal.leave();
    const asked: string[] = [];
    const { url } = await serves(asked);
    const receipt = await downloadFile(request(url, path, journals), liveEngine());
    expect(receipt).toMatchObject({
      bytes: SIZE,
      resumedBytes: SIZE - NOISE.bytes.length,
      verified: 'crc32c',
    });
    expect(asked).toEqual([`bytes=${NOISE.start}-${NOISE_END - 1}`]);
    await expectTheObject(path);
    await rm(path);
  });
});

/** Some ten seconds each, and 4 GiB of disk: `npm run faults`. */
describe.runIf(process.env['FAULT_LARGE'])('all of it', () => {
  it('comes down', { timeout: 300_000 }, async () => {
    const path = join(await folder(), 'large.tif');
    const { url } = await serves([]);
    const journals = join(await folder(), 'downloads');
    const receipt = await downloadFile(request(url, path, journals), liveEngine());
    expect(receipt).toMatchObject({ bytes: SIZE, verified: 'crc32c' });
    await expectTheObject(path);
    await rm(path);
  });

  it('goes up from a sparse file', { timeout: 300_000 }, async () => {
    const path = join(await folder(), 'large.tif');
    const file = await open(path, 'w');
    await file.write(NOISE.bytes, 0, NOISE.bytes.length, NOISE.start);
    await file.truncate(SIZE);
    await file.close();
    let received = 0;
    const { url } = await using(
      httpOrigin((message, response) => {
        message.on('data', (chunk: Buffer) => {
          received += chunk.length;
        });
        message.on('end', () => {
          const stated = { 'x-goog-hash': `crc32c=${crc32cBase64(WHOLE_CRC)}` };
          response.writeHead(200, stated).end();
        });
      }),
    );
    const receipt = await upload(path, url, liveEngine());
    expect(receipt).toMatchObject({ bytes: SIZE, verified: 'crc32c' });
    expect(received).toBe(SIZE);
  });
});
