import type { OutgoingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { engine, failure, liveEngine, noise, sourceFile, using } from './fixtures.ts';
import { httpOrigin, rawOrigin } from './origin.ts';
import { STORAGE_ERRORS } from './storage_errors.ts';
import { newRun, upload } from './uploads.ts';

const MIB = 1024 * 1024;
const SIZE = 3 * MIB;

/** Swallows a request's body, then answers. */
const accept = (headers: OutgoingHttpHeaders = {}) =>
  httpOrigin((request, response) => {
    request.resume().on('end', () => response.writeHead(200, headers).end());
  });

describe('the request', () => {
  it.each([0, 1, SIZE])(
    'of %i bytes carries the signed headers and its length, no more',
    async (size) => {
      const { url, heads } = await using(accept());
      const path = await sourceFile(noise(size));
      const receipt = await upload(path, `${url}?X-Goog-Signature=abc`, engine().engine, {
        headers: { 'Content-Type': 'image/tiff', 'content-length': '99', 'x-goog-meta-a': 'b' },
      });
      expect(receipt).toMatchObject({ bytes: size, verified: 'none', attempts: 1 });
      const [line, ...fields] = heads[0]?.split('\n') ?? [];
      expect(line).toBe('PUT /bucket/scene.tif?X-Goog-Signature=abc');
      expect(fields.map((field) => field.toLowerCase()).sort()).toEqual([
        `connection: ${size >= MIB ? 'close' : 'keep-alive'}`,
        `content-length: ${size}`,
        'content-type: image/tiff',
        `host: ${new URL(url).host}`,
        'x-goog-meta-a: b',
      ]);
    },
  );

  it('reports progress that never falls, up to the size', async () => {
    const { url } = await using(
      httpOrigin((request, response, n) => {
        request.resume();
        if (n === 1) {
          request.once('data', () => request.socket.destroy());
        } else {
          request.on('end', () => response.end());
        }
      }),
    );
    const run = newRun();
    await upload(await sourceFile(noise(SIZE)), url, engine().engine, { run });
    expect(run.progress.at(-1)).toBe(SIZE);
    expect(run.progress).toEqual([...new Set(run.progress)].sort((a, b) => a - b));
  });
});

describe('what storage states is compared', () => {
  const EMPTY_CRC32C = 'AAAAAA==';
  it.each([
    {
      headers: { 'x-goog-hash': `crc32c=${EMPTY_CRC32C},md5=1B2M2Y8AsgTpgAmY7PhCfg==` },
      verified: 'crc32c',
    },
    {
      headers: { 'x-goog-hash': [`crc32c=${EMPTY_CRC32C}`, 'md5=1B2M2Y8AsgTpgAmY7PhCfg=='] },
      verified: 'crc32c',
    },
    { headers: { 'x-goog-stored-content-length': '0' }, verified: 'size' },
    { headers: { etag: '"abc"' }, verified: 'none' },
  ])('$headers: $verified', async ({ headers, verified }) => {
    const { url } = await using(accept(headers));
    const receipt = await upload(await sourceFile(noise(0)), url, engine().engine);
    expect(receipt).toMatchObject({ crc32c: EMPTY_CRC32C, verified });
  });

  it.each([
    { headers: { 'x-goog-hash': 'crc32c=AAAAAA==' }, code: 'checksum_mismatch' },
    { headers: { 'x-goog-stored-content-length': '7' }, code: 'length_mismatch' },
  ])('a lie about it ($code) costs one whole retry, then fails', async ({ headers, code }) => {
    const { url, heads } = await using(accept(headers));
    const error = await failure(upload(await sourceFile(noise(9000)), url, engine().engine));
    expect(error).toMatchObject({ code, attempts: 2, retryable: false });
    expect(heads).toHaveLength(2);
  });

  it('passes on what storage calls the object', async () => {
    const { url } = await using(
      accept({ etag: '"e"', 'x-goog-generation': '17', 'x-goog-stored-content-length': '0' }),
    );
    const receipt = await upload(await sourceFile(noise(0)), url, engine().engine);
    expect(receipt.storage).toEqual({ etag: '"e"', generation: '17', bytes: 0 });
  });
});

describe('an early refusal is reported as what it is', () => {
  it.each([
    { status: 400, body: STORAGE_ERRORS.gcsExpired, code: 'url_expired', attempts: 3 },
    { status: 403, body: STORAGE_ERRORS.badSignature, code: 'storage_refused', attempts: 2 },
    { status: 403, body: STORAGE_ERRORS.denied, code: 'storage_refused', attempts: 1 },
    { status: 413, body: '', code: 'storage_refused', attempts: 1 },
  ])('$status then the connection closes: $code', async ({ status, body, code, attempts }) => {
    const { url } = await using(
      rawOrigin((socket) => {
        const head = `HTTP/1.1 ${status} No\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
        socket.write(head + body, () => socket.destroy());
      }),
    );
    // The gate is real time here: what is tested is that it is long enough on this machine.
    const error = await failure(upload(await sourceFile(noise(32 * MIB)), url, liveEngine()));
    expect(error).toMatchObject({ code, status, attempts });
    expect(JSON.stringify(error) + error.message).not.toContain('0123456789abcdef');
  });

  it('also if the words about it break off', async () => {
    const { url } = await using(
      rawOrigin((socket) => {
        const head = 'HTTP/1.1 400 No\r\nContent-Length: 9999\r\n\r\n';
        socket.resume().end(head + STORAGE_ERRORS.gcsExpired);
      }),
    );
    const error = await failure(upload(await sourceFile(noise(3)), url, engine().engine));
    expect(error).toMatchObject({ code: 'url_expired', storageCode: 'ExpiredToken', attempts: 3 });
  });

  it('200 before the whole file is not success', async () => {
    const { url, heads } = await using(
      rawOrigin((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')),
    );
    const error = await failure(upload(await sourceFile(noise(8 * MIB)), url, engine().engine));
    expect(error).toMatchObject({ code: 'connection_lost', status: 200, attempts: 4 });
    expect(heads).toHaveLength(4);
  });
});

describe('a lost connection is a whole new attempt with a new signature', () => {
  const cuts = [
    { at: 'before a byte', bytes: 0 },
    { at: '1 byte', bytes: 1 },
    { at: '50 %', bytes: SIZE / 2 },
    { at: 'the last byte', bytes: SIZE - 1 },
    { at: 'after the last byte', bytes: SIZE },
  ];
  it.each(cuts)('reset at $at', async ({ bytes }) => {
    const { url, heads } = await using(
      rawOrigin((socket, n, start) => {
        let seen = start.length;
        const done = () => {
          if (n === 1 && seen >= bytes) {
            socket.resetAndDestroy();
          } else if (seen >= SIZE) {
            socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
          }
        };
        socket.on('data', (data) => {
          seen += data.length;
          done();
        });
        done();
        socket.resume();
      }),
    );
    const run = newRun();
    const receipt = await upload(await sourceFile(noise(SIZE)), url, engine().engine, { run });
    expect(receipt.attempts).toBe(2);
    expect(run.reasons).toEqual(['first', 'retry']);
    expect(heads).toHaveLength(2);
  });

  it('gives up after four, saying so', async () => {
    const { url, heads } = await using(rawOrigin((socket) => socket.resetAndDestroy()));
    const { engine: made, clock } = engine();
    const error = await failure(upload(await sourceFile(noise(10)), url, made));
    expect(error).toMatchObject({ code: 'connection_lost', retryable: true, attempts: 4 });
    expect(heads).toHaveLength(4);
    expect(clock.waits).toEqual([50, 50, 50]);
  });

  it('a server that is not there is unavailable', async () => {
    const { url, close } = await rawOrigin(() => {});
    await close();
    const error = await failure(upload(await sourceFile(noise(10)), url, engine().engine));
    expect(error).toMatchObject({ code: 'storage_unavailable', retryable: true, attempts: 4 });
  });
});

describe('redirects and broken requests', () => {
  it('a redirect is refused, not followed', async () => {
    const elsewhere = await using(accept());
    const { url } = await using(
      httpOrigin((request, response) => {
        request.resume();
        response.writeHead(307, { location: elsewhere.url }).end();
      }),
    );
    const error = await failure(upload(await sourceFile(noise(10)), url, engine().engine));
    expect(error).toMatchObject({ code: 'redirect_refused', status: 307, attempts: 1 });
    expect(elsewhere.heads).toEqual([]);
  });

  it.each(['not a url', 'file:///etc/passwd', 'https://user:pass@host/x'])(
    'the URL %s is refused',
    async (url) => {
      const error = await failure(upload(await sourceFile(noise(10)), url, engine().engine));
      expect(error).toMatchObject({ code: 'storage_refused', attempts: 1 });
    },
  );

  it('a header that HTTP does not allow is refused', async () => {
    const { url } = await using(accept());
    const error = await failure(
      upload(await sourceFile(noise(10)), url, engine().engine, { headers: { 'x-a': 'b\nc' } }),
    );
    expect(error).toMatchObject({ code: 'storage_refused', retryable: false });
  });

  it('what sign throws ends the upload as it is', async () => {
    const refusal = new Error('402: quota');
    const failing = upload(
      await sourceFile(noise(10)),
      () => {
        throw refusal;
      },
      engine().engine,
    );
    await expect(failing).rejects.toBe(refusal);
  });
});
