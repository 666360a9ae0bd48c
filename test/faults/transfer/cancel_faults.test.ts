import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DownloadSource, downloadFile } from '../../../src/transfer/download.ts';
import { openSourceFile } from '../../../src/transfer/files/source_file.ts';
import { uploadFile } from '../../../src/transfer/upload.ts';
import { download } from './downloads.ts';
import { contents, engine, folder, noise, sourceFile, using } from './fixtures.ts';
import { httpOrigin, rawOrigin } from './origin.ts';
import { upload } from './uploads.ts';

const REASON = new Error('the user changed her mind');
const never = () => new Promise<never>(() => {});

describe('cancelling a download rejects with its reason and leaves nothing', () => {
  it('before it starts', async () => {
    const at = await folder();
    const work = download(join(at, 'a.tif'), 'http://127.0.0.1:1/', engine().engine, {
      signal: AbortSignal.abort(REASON),
    });
    await expect(work).rejects.toBe(REASON);
    expect(await contents(at)).toEqual({});
  });

  it('while its URL is asked for', async () => {
    const cancel = new AbortController();
    const at = await folder();
    const work = downloadFile(
      {
        open: () => {
          setImmediate(() => cancel.abort(REASON));
          return never();
        },
        path: join(at, 'a.tif'),
        overwrite: false,
        signal: cancel.signal,
      },
      engine().engine,
    );
    await expect(work).rejects.toBe(REASON);
    expect(await contents(at)).toEqual({});
  });

  it('also closes an API answer that comes too late', async () => {
    const cancel = new AbortController();
    let answer: (source: DownloadSource) => void = () => {};
    const work = downloadFile(
      {
        open: () => {
          setImmediate(() => cancel.abort(REASON));
          return new Promise((resolve) => {
            answer = resolve;
          });
        },
        path: join(await folder(), 'a.tif'),
        overwrite: false,
        signal: cancel.signal,
      },
      engine().engine,
    );
    await expect(work).rejects.toBe(REASON);
    await new Promise<void>((resolve) => {
      answer({ kind: 'body', headers: {}, body: (async function* () {})(), discard: resolve });
    });
  });

  it('while it waits for an answer', async () => {
    const cancel = new AbortController();
    const { url } = await using(rawOrigin(() => cancel.abort(REASON)));
    const at = await folder();
    const work = download(join(at, 'a.tif'), url, engine().engine, { signal: cancel.signal });
    await expect(work).rejects.toBe(REASON);
    expect(await contents(at)).toEqual({});
  });

  it('half-way, and the server sees the connection go', async () => {
    const cancel = new AbortController();
    let gone: Promise<unknown> = never();
    const { url } = await using(
      httpOrigin((_request, response) => {
        gone = new Promise((resolve) => response.on('close', resolve));
        response.writeHead(200, { 'content-length': 9_000_000 }).write(noise(3_000_000));
      }),
    );
    const at = await folder();
    const work = download(join(at, 'a.tif'), url, engine().engine, {
      signal: cancel.signal,
      onProgress: () => cancel.abort(REASON),
    });
    await expect(work).rejects.toBe(REASON);
    expect(await contents(at)).toEqual({});
    await gone;
  });

  it('while an API answer hangs', async () => {
    const cancel = new AbortController();
    let discarded = 0;
    const work = download(
      join(await folder(), 'a.tif'),
      () => ({
        kind: 'body',
        headers: {},
        body: (async function* () {
          yield noise(10);
          await never();
        })(),
        discard: () => {
          discarded += 1;
        },
      }),
      engine().engine,
      { signal: cancel.signal, onProgress: () => setImmediate(() => cancel.abort(REASON)) },
    );
    await expect(work).rejects.toBe(REASON);
    expect(discarded).toBe(1);
  });

  it('between two attempts', async () => {
    const cancel = new AbortController();
    const { url } = await using(rawOrigin((socket) => socket.resetAndDestroy()));
    const { engine: made } = engine({
      clock: {
        now: () => 0,
        wait: (ms, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
            if (ms === 50) {
              cancel.abort(REASON);
            }
          }),
      },
    });
    const work = download(join(await folder(), 'a.tif'), url, made, { signal: cancel.signal });
    await expect(work).rejects.toBe(REASON);
  });
});

describe('cancelling an upload rejects with its reason', () => {
  it('while its URL is signed', async () => {
    const cancel = new AbortController();
    const source = await openSourceFile(await sourceFile(noise(10)));
    const work = uploadFile(
      {
        source,
        sign: () => {
          setImmediate(() => cancel.abort(REASON));
          return never();
        },
        signal: cancel.signal,
      },
      engine().engine,
    );
    await expect(work).rejects.toBe(REASON);
    await source.close();
  });

  it.each([10, 20_000_000])('of %i bytes, half-way', async (size) => {
    const cancel = new AbortController();
    let gone: Promise<unknown> = never();
    const { url } = await using(
      rawOrigin((socket) => {
        gone = new Promise((resolve) => socket.on('close', resolve));
        socket.resume();
        cancel.abort(REASON);
      }),
    );
    const work = upload(await sourceFile(noise(size)), url, engine().engine, {
      signal: cancel.signal,
    });
    await expect(work).rejects.toBe(REASON);
    await gone;
  });

  it('in the gate', async () => {
    const cancel = new AbortController();
    const { url } = await using(rawOrigin((socket) => socket.resume()));
    const { engine: made } = engine({ limits: { gateMinMs: 1_000_000, gateMaxMs: 1_000_000 } });
    const work = upload(await sourceFile(noise(2_000_000)), url, made, {
      signal: cancel.signal,
      onProgress: () => setImmediate(() => cancel.abort(REASON)),
    });
    await expect(work).rejects.toBe(REASON);
  });
});
