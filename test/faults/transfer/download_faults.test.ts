import { createHash } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDigests } from '../../../src/transfer/checksums/digests.ts';
import { download } from './downloads.ts';
import { contents, engine, failure, folder, noise, sha256, using } from './fixtures.ts';
import { httpOrigin, rawOrigin } from './origin.ts';

const SIZE = 3 * 1024 * 1024 + 17;
const BYTES = noise(SIZE);
const DIGEST = sha256(BYTES);
const MD5 = createHash('md5').update(BYTES).digest();

async function crc32c(bytes: Uint8Array): Promise<string> {
  const digests = createDigests({});
  digests.update(bytes);
  return digests.values().crc32c;
}

const serves = (headers: OutgoingHttpHeaders = {}, bytes: Buffer = BYTES) =>
  httpOrigin((_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length, ...headers }).end(bytes);
  });

describe('the request', () => {
  it('asks for the bytes as they are, in ranges if storage has them, and says nothing else', async () => {
    const { url, heads } = await using(serves());
    const path = join(await folder(), 'a.tif');
    await download(path, `${url}?sig=x`, engine().engine);
    expect(heads[0]?.toLowerCase().split('\n').sort()).toEqual([
      'accept-encoding: identity',
      'connection: keep-alive',
      'get /bucket/scene.tif?sig=x',
      `host: ${new URL(url).host}`,
      'range: bytes=0-',
    ]);
  });
});

describe('the file', () => {
  it.each(['a.tif', '雪と氷 ☃.tif', `${'ü'.repeat(125)}x.tif`, `${'n'.repeat(255)}`])(
    'appears whole under its name: %s',
    async (name) => {
      const { url } = await using(serves({ 'content-type': 'image/tiff; a=b' }));
      const at = await folder();
      const path = join(at, name);
      const receipt = await download(path, url, engine().engine, { sha256: true });
      expect(receipt).toEqual({
        path,
        bytes: SIZE,
        crc32c: await crc32c(BYTES),
        sha256: sha256(BYTES),
        mediaType: 'image/tiff',
        verified: 'size',
        verifiedAgainst: 'storage',
        attempts: 1,
      });
      expect(await contents(at)).toEqual({ [name]: DIGEST });
    },
  );

  it('may be empty', async () => {
    const { url } = await using(serves({}, Buffer.alloc(0)));
    const at = await folder();
    const receipt = await download(join(at, 'a.tif'), url, engine().engine);
    expect(receipt).toMatchObject({ bytes: 0, crc32c: 'AAAAAA==' });
    expect(await contents(at)).toEqual({ 'a.tif': sha256(Buffer.alloc(0)) });
  });

  it('has progress that never falls and knows the total', async () => {
    const { url } = await using(
      httpOrigin((_request, response, n) => {
        response.writeHead(200, { 'content-length': SIZE });
        if (n === 1) {
          response.write(BYTES.subarray(0, SIZE / 2), () => response.destroy());
        } else {
          response.end(BYTES);
        }
      }),
    );
    const seen: [number, number | undefined][] = [];
    await download(join(await folder(), 'a.tif'), url, engine().engine, {
      onProgress: (done, total) => seen.push([done, total]),
    });
    const done = seen.map(([bytes]) => bytes);
    expect(done).toEqual([...new Set(done)].sort((a, b) => a - b));
    expect(seen.at(-1)).toEqual([SIZE, SIZE]);
  });

  it('may come from an answer of the API itself', async () => {
    const at = await folder();
    const receipt = await download(
      join(at, 'a.tif'),
      () => ({
        kind: 'body',
        headers: { 'content-type': 'image/tiff' },
        body: (async function* () {
          yield BYTES.subarray(0, 9);
          yield BYTES.subarray(9);
        })(),
        discard() {},
      }),
      engine().engine,
    );
    expect(receipt).toMatchObject({ bytes: SIZE, mediaType: 'image/tiff', verified: 'none' });
    expect(await contents(at)).toEqual({ 'a.tif': DIGEST });
  });
});

describe('what is stated about it is compared', async () => {
  const crc = await crc32c(BYTES);
  const md5 = MD5.toString('base64');
  const hex = DIGEST;
  const etag = `"${MD5.toString('hex')}"`;
  const chunked = { 'content-length': undefined };
  const right = [
    {
      headers: { 'x-goog-hash': [`crc32c=${crc}`, `md5=${md5}`] },
      verified: 'crc32c',
      by: 'storage',
    },
    { headers: { 'content-md5': md5 }, verified: 'md5', by: 'storage' },
    { headers: { etag, 'x-goog-generation': '1' }, verified: 'md5', by: 'storage' },
    { headers: { etag, 'x-amz-request-id': '1' }, verified: 'md5', by: 'storage' },
    { headers: { etag }, verified: 'size', by: 'storage' },
    { headers: {}, expected: { sha256: hex.toUpperCase() }, verified: 'sha256', by: 'catalogue' },
    { headers: {}, expected: { md5: MD5.toString('hex') }, verified: 'md5', by: 'catalogue' },
    { headers: {}, expected: { crc32c: crc }, verified: 'crc32c', by: 'catalogue' },
    { headers: chunked, expected: { bytes: SIZE }, verified: 'size', by: 'catalogue' },
    { headers: chunked, verified: 'none', by: undefined },
  ];
  it.each(right)('%o', async ({ headers, expected, verified, by }) => {
    const { url } = await using(
      httpOrigin((_request, response) => {
        response.writeHead(200, { 'transfer-encoding': 'chunked' });
        response.end(BYTES);
      }),
    );
    const stating = await using(serves(headers));
    const from = headers === chunked ? url : stating.url;
    const receipt = await download(join(await folder(), 'a.tif'), from, engine().engine, {
      expected: expected ?? {},
    });
    expect(receipt.verified).toBe(verified);
    expect(receipt.verifiedAgainst).toBe(by);
  });

  const otherMd5 = createHash('md5').update('x').digest('base64');
  const wrong = [
    { headers: { 'x-goog-hash': 'crc32c=AAAAAA==' }, code: 'checksum_mismatch', requests: 2 },
    { headers: { 'content-md5': otherMd5 }, code: 'checksum_mismatch', requests: 2 },
    { headers: {}, expected: { sha256: '00'.repeat(32) }, code: 'checksum_mismatch', requests: 2 },
    { headers: {}, expected: { bytes: 5 }, code: 'length_mismatch', requests: 2 },
    { headers: { 'content-encoding': 'gzip' }, code: 'unexpected_encoding', requests: 1 },
  ];
  it.each(wrong)('a lie is refused: $code, %o', async ({ headers, expected, code, requests }) => {
    const { url, heads } = await using(serves(headers));
    const at = await folder();
    const failed = download(join(at, 'a.tif'), url, engine().engine, { expected: expected ?? {} });
    expect(await failure(failed)).toMatchObject({ code, attempts: requests });
    expect(heads).toHaveLength(requests);
    expect(await contents(at)).toEqual({});
  });

  it('an object that storage unpacks on the way is saved, and not called verified', async () => {
    const { url } = await using(
      httpOrigin((_request, response) => {
        response.writeHead(200, {
          'transfer-encoding': 'chunked',
          'x-goog-stored-content-encoding': 'gzip',
          'x-goog-stored-content-length': '10',
          'x-goog-hash': 'crc32c=AAAAAA==',
        });
        response.end(BYTES);
      }),
    );
    const at = await folder();
    const receipt = await download(join(at, 'a.tif'), url, engine().engine, {
      expected: { bytes: 10, sha256: sha256(Buffer.from('packed')) },
    });
    expect(receipt).toMatchObject({ bytes: SIZE, verified: 'none' });
    expect(await contents(at)).toEqual({ 'a.tif': DIGEST });
  });
});

describe('a connection that breaks is a whole new attempt', () => {
  const head = (fields: string) => `HTTP/1.1 200 OK\r\n${fields}\r\n\r\n`;
  const whole = head(`Content-Length: ${SIZE}\r\nConnection: close`);
  const breaks = [
    { how: 'before the answer', first: Buffer.alloc(0) },
    { how: 'in its headers', first: Buffer.from(whole.slice(0, 20)) },
    ...[0, 1, SIZE / 2, SIZE - 1].map((n) => ({
      how: `after ${Math.floor(n)} bytes`,
      first: Buffer.concat([Buffer.from(whole), BYTES.subarray(0, n)]),
    })),
    {
      how: 'in the middle of a chunk',
      first: Buffer.concat([
        Buffer.from(head('Transfer-Encoding: chunked')),
        Buffer.from('ff\r\nabc'),
      ]),
    },
    { how: 'into something that is not HTTP', first: Buffer.from('SSH-2.0-OpenSSH_9.9\r\n') },
  ];
  const ends = ['reset', 'end'] as const;

  it.each(breaks.flatMap((row) => ends.map((end) => ({ ...row, end }))))(
    '$how, by $end',
    async ({ first, end }) => {
      const { url, heads } = await using(
        rawOrigin((socket, n) => {
          socket.resume();
          if (n > 1) {
            socket.end(Buffer.concat([Buffer.from(whole), BYTES]));
          } else if (end === 'end') {
            socket.end(first);
          } else {
            socket.write(first, () => socket.resetAndDestroy());
          }
        }),
      );
      const at = await folder();
      const reasons: string[] = [];
      const receipt = await download(join(at, 'a.tif'), url, engine().engine, { reasons });
      expect(receipt).toMatchObject({ bytes: SIZE, attempts: 2 });
      expect(reasons).toEqual(['first', 'retry']);
      expect(heads).toHaveLength(2);
      expect(await contents(at)).toEqual({ 'a.tif': DIGEST });
    },
  );

  it('that always breaks ends after four, with nothing left behind', async () => {
    const { url, heads } = await using(
      rawOrigin((socket) => {
        socket.resume();
        socket.end(Buffer.concat([Buffer.from(whole), BYTES.subarray(0, 2_000_000)]));
      }),
    );
    const at = await folder();
    const error = await failure(download(join(at, 'a.tif'), url, engine().engine));
    expect(error).toMatchObject({ code: 'connection_lost', retryable: true, attempts: 4 });
    expect(heads).toHaveLength(4);
    expect(await contents(at)).toEqual({});
  });

  it('an API answer that ends early is not taken for the file', async () => {
    const at = await folder();
    const cut = () => ({
      kind: 'body' as const,
      headers: { 'content-length': String(SIZE) },
      body: (async function* () {
        yield BYTES.subarray(0, 100);
      })(),
      discard() {},
    });
    const error = await failure(download(join(at, 'a.tif'), cut, engine().engine));
    expect(error).toMatchObject({ code: 'connection_lost', attempts: 4, bytesTransferred: 100 });
    expect(await contents(at)).toEqual({});
  });

  it('part of a file is not taken for the file', async () => {
    const { url } = await using(
      httpOrigin((_request, response) => {
        response.writeHead(206, { 'content-range': 'bytes 0-9/100' }).end(BYTES.subarray(0, 10));
      }),
    );
    const error = await failure(download(join(await folder(), 'a.tif'), url, engine().engine));
    expect(error).toMatchObject({ code: 'storage_refused', status: 206 });
  });
});
