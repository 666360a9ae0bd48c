import type { IncomingMessage, ServerResponse } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failure, noise, settledAt, using } from './fixtures.ts';
import { CLIENT_TLS, httpOrigin, rawOrigin } from './origin.ts';
import { bytesOf, event, opened, remoteAccess, serveFile } from './remote_sources.ts';

const SIZE = 3_000_001;
const BYTES = noise(SIZE);
const STRONG = { etag: '"v1"' };
/** Longer than any window of the test's engine. */
const LONG_MS = 30_000_000;

/** Why opening a URL fails. */
async function refusal(url: string, options: Parameters<typeof remoteAccess>[0] = {}) {
  return failure(opened(url, remoteAccess(options).access));
}

describe('a file behind a URL', () => {
  it('comes by the one request that asked for its size', async () => {
    const { url, heads } = await using(httpOrigin(serveFile({ bytes: BYTES, headers: STRONG })));
    const source = await opened(`${url}?sig=s`, remoteAccess().access);
    expect(source.size).toBe(SIZE);
    expect((await bytesOf(source)).equals(BYTES)).toBe(true);
    expect(heads).toEqual([
      expect.stringMatching(
        /^GET \/bucket\/scene\.tif\?sig=s\nHost: .*\nConnection: keep-alive\nAccept-Encoding: identity\nUser-Agent: test\/1$/,
      ),
    ]);
  });

  it('may be empty', async () => {
    const { url } = await using(httpOrigin(serveFile({ bytes: Buffer.alloc(0) })));
    const source = await opened(url, remoteAccess().access);
    expect(source.size).toBe(0);
    expect(await bytesOf(source)).toHaveLength(0);
  });

  it('is read again from its first byte, and in ranges', async () => {
    const { url } = await using(httpOrigin(serveFile({ bytes: BYTES, headers: STRONG })));
    const source = await opened(url, remoteAccess().access);
    const [whole, again, part] = await Promise.all([
      bytesOf(source),
      bytesOf(source),
      bytesOf(source, { start: 1_000_001, end: 2_500_000 }),
    ]);
    expect(whole.equals(BYTES)).toBe(true);
    expect(again.equals(BYTES)).toBe(true);
    expect(part.equals(BYTES.subarray(1_000_001, 2_500_000))).toBe(true);
  });

  it('over TLS is the same', async () => {
    const { url } = await using(
      httpOrigin(serveFile({ bytes: BYTES, headers: STRONG }), { tls: true }),
    );
    const { access } = remoteAccess({ engine: { tls: CLIENT_TLS } });
    expect((await bytesOf(await opened(url, access))).equals(BYTES)).toBe(true);
  });

  it('waits at its server while nobody reads it', async () => {
    const big = noise(40_000_000);
    let sent = 0;
    const { url } = await using(
      httpOrigin((_request, response) => {
        response.writeHead(200, { 'content-length': big.length });
        const feed = () => {
          while (sent < big.length) {
            const piece = big.subarray(sent, sent + 100_000);
            sent += piece.length;
            if (!response.write(piece)) return void response.once('drain', feed);
          }
          response.end();
        };
        feed();
      }),
    );
    const source = await opened(url, remoteAccess().access);
    const chunks = source.chunks(new AbortController().signal);
    await chunks.next();
    // What the kernel holds for both ends is not ours.
    expect(await settledAt(() => sent)).toBeLessThan(25_000_000);
    let read = 65_536;
    for await (const chunk of chunks) read += chunk.byteLength;
    expect(read).toBe(big.length);
  });
});

describe('an answer that breaks off', () => {
  it('is gone on with from where it stopped, of the same version', async () => {
    const file = { bytes: BYTES, headers: STRONG, breaksAfter: (n: number) => n * 300_000 };
    const { url, heads } = await using(httpOrigin(serveFile(file)));
    const source = await opened(url, remoteAccess().access);
    expect((await bytesOf(source)).equals(BYTES)).toBe(true);
    expect(heads.length).toBeGreaterThan(2);
    const later = heads.slice(1);
    expect(later.every((head) => /\nIf-Match: "v1"/.test(head))).toBe(true);
    const starts = later.map((head) => Number(/\nRange: bytes=(\d+)-3000000\n/.exec(head)?.[1]));
    expect(starts).toEqual([300_000, 900_000, 1_800_000, 3_000_000]);
  });

  it('brings every byte once, wherever it breaks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1_500_000 }),
        fc.array(fc.integer({ min: 1, max: 600_000 }), { minLength: 1, maxLength: 5 }),
        async (size, breaks) => {
          const bytes = noise(size);
          const breaksAfter = (n: number) => breaks[n - 1];
          const origin = await httpOrigin(serveFile({ bytes, headers: STRONG, breaksAfter }));
          const { access } = remoteAccess();
          const source = await opened(origin.url, access);
          expect((await bytesOf(source)).equals(bytes)).toBe(true);
          await access.engine.close();
          await origin.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  it.each<[what: string, headers: Record<string, string>]>([
    ['no version', {}],
    ['a weak one', { etag: 'W/"v1"' }],
    ['a date', { 'last-modified': 'Sun, 01 Mar 2026 12:00:00 GMT' }],
  ])('and states %s fails, to be begun anew', async (_what, headers) => {
    const breaksAfter = (n: number) => (n === 1 ? 300_000 : undefined);
    const { url, heads } = await using(
      httpOrigin(serveFile({ bytes: BYTES, headers, breaksAfter })),
    );
    const source = await opened(url, remoteAccess().access);
    expect(await failure(bytesOf(source))).toMatchObject({
      code: 'source_unavailable',
      outcome: 'transient',
      message:
        'the source broke off after 300000 bytes, and it does not state a version to go on with.',
    });
    expect((await bytesOf(source)).equals(BYTES)).toBe(true);
    expect(heads.filter((head) => head.includes('Range'))).toEqual([]);
  });

  it('of a server that sends no parts fails, to be begun anew', async () => {
    const { url } = await using(
      httpOrigin((request, response, n) => {
        delete request.headers.range;
        serveFile({
          bytes: BYTES,
          headers: STRONG,
          breaksAfter: () => (n === 1 ? 1000 : undefined),
        })(request, response, n);
      }),
    );
    const source = await opened(url, remoteAccess().access);
    expect(await failure(bytesOf(source))).toMatchObject({
      code: 'source_unavailable',
      outcome: 'transient',
      message: expect.stringContaining('it sends no parts of the file'),
    });
  });

  it('before its first byte is asked for again, version or not', async () => {
    const breaksAfter = (n: number) => (n < 3 ? 0 : undefined);
    const { url, heads } = await using(httpOrigin(serveFile({ bytes: BYTES, breaksAfter })));
    const source = await opened(url, remoteAccess().access);
    expect((await bytesOf(source)).equals(BYTES)).toBe(true);
    expect(heads.length).toBe(3);
  });

  it('again and again is given up in the end', async () => {
    const breaksAfter = (n: number) => (n === 1 ? 1000 : 0);
    const { url, heads } = await using(
      httpOrigin(serveFile({ bytes: BYTES, headers: STRONG, breaksAfter })),
    );
    const source = await opened(url, remoteAccess().access);
    expect(await failure(bytesOf(source))).toMatchObject({
      code: 'source_unavailable',
      outcome: 'given_up',
      retryable: true,
      message: expect.stringMatching(/^the connection to the source was lost|^the source ended/),
    });
    expect(heads.length).toBe(8);
  });

  it('with less than was asked for is followed by another', async () => {
    const { url, heads } = await using(
      httpOrigin((request, response, n) => {
        const [, first = '0'] = /bytes=(\d+)/.exec(request.headers.range ?? '') ?? [];
        const start = Number(first);
        const end = Math.min(SIZE, start + 1_000_000);
        if (n === 1) {
          serveFile({ bytes: BYTES, headers: STRONG, breaksAfter: () => 10 })(request, response, n);
          return;
        }
        response.writeHead(206, {
          ...STRONG,
          'content-length': end - start,
          'content-range': `bytes ${start}-${end - 1}/${SIZE}`,
        });
        response.end(BYTES.subarray(start, end));
      }),
    );
    const source = await opened(url, remoteAccess().access);
    expect((await bytesOf(source)).equals(BYTES)).toBe(true);
    expect(heads.length).toBe(4);
  });

  it('so that nothing moves is seen as broken', async () => {
    const stalled = event();
    const { url } = await using(
      httpOrigin((request, response, n) => {
        if (n > 1) return serveFile({ bytes: BYTES, headers: STRONG })(request, response, n);
        response.writeHead(200, { ...STRONG, 'content-length': SIZE });
        response.write(BYTES.subarray(0, 100_000), stalled.happen);
      }),
    );
    const { access, clock } = remoteAccess({ limits: { mostMs: 10 * LONG_MS } });
    const source = await opened(url, access);
    const reading = bytesOf(source);
    await stalled.happened;
    await settledAt(() => 0, 20);
    clock.advance(2_000_000);
    expect((await reading).equals(BYTES)).toBe(true);
  });
});

describe('a file that changes', () => {
  const changing = (later: Record<string, string>, first: Record<string, string> = STRONG) =>
    httpOrigin((request, response, n) =>
      serveFile({
        bytes: BYTES,
        headers: n === 1 ? first : later,
        breaksAfter: () => (n === 1 ? 300_000 : undefined),
      })(request, response, n),
    );

  it('is not gone on with', async () => {
    const { url, heads } = await using(changing({ etag: '"v2"' }));
    const source = await opened(url, remoteAccess().access);
    const error = await failure(bytesOf(source));
    expect(error).toMatchObject({ code: 'source_changed', outcome: 'fatal', retryable: false });
    expect(error.message).not.toMatch(/storage/);
    expect(heads.length).toBe(2);
  });

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['ETag', { etag: 'W/"v1"' }, { etag: 'W/"v2"' }],
    ['date', { 'last-modified': 'a' }, { 'last-modified': 'b' }],
    ['generation', { 'x-goog-generation': '1' }, { 'x-goog-generation': '2' }],
  ])('in its %s is not begun anew with', async (_what, first, later) => {
    const { url } = await using(changing(later, first));
    const source = await opened(url, remoteAccess().access);
    await failure(bytesOf(source));
    expect(await failure(bytesOf(source))).toMatchObject({ code: 'source_changed' });
  });

  it('in its size is not begun anew with', async () => {
    const { url } = await using(
      httpOrigin((request, response, n) =>
        serveFile({ bytes: BYTES.subarray(n - 1), breaksAfter: () => (n === 1 ? 10 : undefined) })(
          request,
          response,
          n,
        ),
      ),
    );
    const source = await opened(url, remoteAccess().access);
    await failure(bytesOf(source));
    expect(await failure(bytesOf(source))).toMatchObject({ code: 'source_changed' });
  });
});

describe('an answer that cannot be uploaded', () => {
  const answering = (write: (response: ServerResponse, request: IncomingMessage) => void) =>
    using(httpOrigin((request, response) => write(response, request)));

  it.each<[what: string, code: string, write: (response: ServerResponse) => void]>([
    ['in chunks', 'source_size_unknown', (it) => it.writeHead(200).write('x')],
    [
      'compressed',
      'source_encoded',
      (it) => it.writeHead(200, { 'content-encoding': 'gzip', 'content-length': 3 }).end('abc'),
    ],
    ['a part', 'source_refused', (it) => it.writeHead(206, { 'content-length': 3 }).end('abc')],
    ['nothing', 'source_refused', (it) => it.writeHead(204).end()],
    ['not modified', 'source_refused', (it) => it.writeHead(304).end()],
    ['not found', 'source_refused', (it) => it.writeHead(404).end('<Code>NoSuchKey</Code>')],
    ['denied', 'source_refused', (it) => it.writeHead(403).end('<Message>secret</Message>')],
    ['too large', 'source_too_large', (it) => it.writeHead(200, { 'content-length': 1001 }).end()],
  ])('%s: %s', async (_what, code, write) => {
    const { url, heads } = await answering(write);
    const error = await refusal(url, { limits: { mostBytes: 1000 } });
    expect(error).toMatchObject({ code, outcome: 'fatal', retryable: false });
    expect(error.message).not.toMatch(/storage|secret/);
    expect(heads.length).toBe(1);
  });

  it.each(['HTTP/1.0 200 OK\r\n\r\nabc', 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc'])(
    'of which only the end of the connection is the end',
    async (answer) => {
      const { url } = await using(rawOrigin((socket) => void socket.end(answer)));
      expect(await refusal(url)).toMatchObject({ code: 'source_size_unknown' });
    },
  );

  it('that is no HTTP is a source in trouble', async () => {
    const { url } = await using(rawOrigin((socket) => void socket.end('SSH-2.0-x\r\n\r\n')));
    const error = await refusal(url);
    expect(error).toMatchObject({ code: 'source_unavailable' });
    expect(error.message).toMatch(/^the source's answer does not follow HTTP/);
  });

  it('now, but can be later, is asked for again', async () => {
    const { url } = await using(
      httpOrigin((request, response, n) => {
        if (n === 3) serveFile({ bytes: BYTES })(request, response, n);
        else response.writeHead(n === 1 ? 503 : 500, { 'retry-after': '7' }).end();
      }),
    );
    const { access, clock } = remoteAccess();
    const source = await opened(url, access);
    expect(source.size).toBe(SIZE);
    expect(clock.waits).toContain(7000);
  });

  it('in the end is told as a source in trouble', async () => {
    const { url, heads } = await answering((it) => it.writeHead(503).end());
    const error = await refusal(url);
    expect(error).toMatchObject({ code: 'source_unavailable', retryable: true, status: 503 });
    expect(error.message).toBe('the source answered 503 instead of the file.');
    expect(heads.length).toBe(4);
  });

  it('in time is left', async () => {
    const { url } = await using(httpOrigin(serveFile({ bytes: BYTES, headers: STRONG })));
    const { access, clock } = remoteAccess({ limits: { mostMs: 5_000_000 } });
    const source = await opened(url, access);
    const chunks = source.chunks(new AbortController().signal);
    await chunks.next();
    clock.advance(5_000_000);
    await settledAt(() => 0, 20);
    const error = await failure(chunks.next());
    expect(error).toMatchObject({ code: 'source_too_slow', outcome: 'fatal' });
    expect(error.message).toContain('5000 s');
  });

  it('at all is waited for only so long', async () => {
    const asked = event();
    const { url } = await using(httpOrigin(() => asked.happen()));
    const { access, clock } = remoteAccess({
      limits: { mostMs: 5_000_000 },
      engine: { limits: { getAnswerMs: LONG_MS } },
    });
    const opening = failure(opened(url, access));
    await asked.happened;
    clock.advance(5_000_000);
    expect(await opening).toMatchObject({ code: 'source_too_slow' });
  });
});

describe('a source that is too slow', () => {
  const PACE_MS = 20_000_000;
  const dripping = () =>
    using(
      httpOrigin((_request, response) => {
        response.writeHead(200, { ...STRONG, 'content-length': SIZE });
        response.write(BYTES.subarray(0, 1_000_000));
      }),
    );
  const paced = () =>
    remoteAccess({
      limits: { mostMs: 10 * LONG_MS, paceMs: PACE_MS },
      engine: { limits: { downloadStallMs: 5 * LONG_MS } },
    });

  it('is left, and not asked again', async () => {
    const { url, heads } = await dripping();
    const { access, clock } = paced();
    const source = await opened(url, access);
    const reading = failure(bytesOf(source));
    await settledAt(() => 0, 50);
    clock.advance(PACE_MS);
    const error = await reading;
    expect(error).toMatchObject({ code: 'source_too_slow', outcome: 'fatal', retryable: false });
    expect(error.message).toBe('the source sent less than 64 KiB/s for 20000 s.');
    expect(heads.length).toBe(1);
  });

  it('is not one whose bytes nobody takes', async () => {
    const { url } = await using(httpOrigin(serveFile({ bytes: BYTES, headers: STRONG })));
    const { access, clock } = paced();
    const source = await opened(url, access);
    const chunks = source.chunks(new AbortController().signal);
    let read = (await chunks.next()).value?.byteLength ?? 0;
    await settledAt(() => 0, 50);
    clock.advance(3 * PACE_MS);
    await settledAt(() => 0, 50);
    for await (const chunk of chunks) read += chunk.byteLength;
    expect(read).toBe(SIZE);
  });

  it('is not one that has sent all', async () => {
    const bytes = BYTES.subarray(0, 300_000);
    const { url } = await using(httpOrigin(serveFile({ bytes })));
    const { access, clock } = paced();
    const source = await opened(url, access);
    const chunks = source.chunks(new AbortController().signal);
    let read = (await chunks.next()).value?.byteLength ?? 0;
    await settledAt(() => 0, 50);
    clock.advance(3 * PACE_MS);
    await settledAt(() => 0, 50);
    for await (const chunk of chunks) read += chunk.byteLength;
    expect(read).toBe(bytes.length);
  });

  it('is also one that leads from one redirect to the next', async () => {
    const ANSWER_MS = 5_000_000;
    const { access, clock } = remoteAccess({ engine: { limits: { getAnswerMs: ANSWER_MS } } });
    const { url, heads } = await using(
      httpOrigin((request, response) => {
        clock.advance(ANSWER_MS / 4);
        // Time that has passed is seen before the next answer comes.
        setImmediate(() => response.writeHead(302, { location: `${request.url}x` }).end());
      }),
    );
    expect(await failure(opened(url, access))).toMatchObject({ code: 'source_unavailable' });
    // Four attempts, of which none comes to the redirect that would be one too many.
    expect(heads.length).toBe(4 * 4);
  });
});

it('a server that asks for less is the one that answered, not the one that led to it', async () => {
  const busy = await using(
    httpOrigin((_request, response) => response.writeHead(503, { 'retry-after': '7' }).end()),
  );
  const front = await using(
    httpOrigin((_request, response) => response.writeHead(302, { location: busy.url }).end()),
  );
  const error = await refusal(front.url);
  expect(error).toMatchObject({ status: 503, host: new URL(busy.url).host });
});

describe('a source that is not wanted any more', () => {
  it('leaves its server when it is closed unread', async () => {
    const left = event();
    const { url } = await using(
      httpOrigin((_request, response) => {
        response.once('close', () => left.happen());
        response.writeHead(200, { 'content-length': SIZE }).write(BYTES.subarray(0, 1000));
      }),
    );
    const source = await opened(url, remoteAccess().access);
    await source.close();
    await left.happened;
  });

  it('leaves its server when its reader stops, or is stopped', async () => {
    for (const stop of ['return', 'abort'] as const) {
      const left = event();
      const { url } = await using(
        httpOrigin((_request, response) => {
          response.once('close', () => left.happen());
          response.writeHead(200, { 'content-length': SIZE }).write(BYTES.subarray(0, 100_000));
        }),
      );
      const source = await opened(url, remoteAccess().access);
      const reader = new AbortController();
      const chunks = source.chunks(reader.signal);
      await chunks.next();
      const reason = new Error('enough');
      if (stop === 'return') await chunks.return();
      else {
        const next = chunks.next();
        reader.abort(reason);
        await expect(next).rejects.toBe(reason);
      }
      await left.happened;
    }
  });

  it('is not opened any further', async () => {
    const asked = event();
    const left = event();
    const { url } = await using(
      httpOrigin((request) => {
        request.socket.once('close', () => left.happen());
        asked.happen();
      }),
    );
    const caller = new AbortController();
    const opening = opened(url, remoteAccess().access, caller.signal);
    await asked.happened;
    const reason = new Error('enough');
    caller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    await left.happened;
  });

  it('ends with its engine', async () => {
    const { url } = await using(
      httpOrigin((_request, response) => {
        response.writeHead(200, { 'content-length': SIZE }).write(BYTES.subarray(0, 100_000));
      }),
    );
    const { access } = remoteAccess();
    const source = await opened(url, access);
    const chunks = source.chunks(new AbortController().signal);
    await chunks.next();
    const next = chunks.next();
    await access.engine.close();
    await expect(next).rejects.toThrow('the engine was closed');
  });
});

it('a connection is used again for the next file', async () => {
  const sockets = new Set<unknown>();
  const { url } = await using(
    httpOrigin((request, response, n) => {
      sockets.add(request.socket);
      serveFile({ bytes: BYTES })(request, response, n);
    }),
  );
  const { access } = remoteAccess();
  for (const path of ['a', 'b']) {
    const source = await opened(new URL(path, url).href, access);
    expect((await bytesOf(source)).equals(BYTES)).toBe(true);
  }
  expect(sockets.size).toBe(1);
});
