import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createTransferEngine } from '../../../src/transfer/engine.ts';
import { download } from '../../faults/transfer/downloads.ts';
import {
  engine,
  failure,
  folder,
  noise,
  sourceFile,
  using,
} from '../../faults/transfer/fixtures.ts';
import { httpOrigin, rawOrigin } from '../../faults/transfer/origin.ts';
import { upload } from '../../faults/transfer/uploads.ts';

const BYTES = noise(1000);
const serves = () => using(httpOrigin((_request, response) => response.end(BYTES)));

describe('connections', () => {
  it('are shared by small transfers, and fresh for each large upload', async () => {
    const ports: (number | undefined)[] = [];
    const { url } = await using(
      httpOrigin((request, response) => {
        ports.push(request.socket.remotePort);
        request.resume().on('end', () => response.end(BYTES));
      }),
    );
    const { engine: made } = engine();
    const small = await sourceFile(noise(10));
    const large = await sourceFile(noise(1_100_000));
    await upload(small, url, made);
    await upload(small, url, made);
    await download(join(await folder(), 'a'), url, made);
    await download(join(await folder(), 'b'), url, made);
    await upload(large, url, made);
    await upload(large, url, made);
    expect(new Set(ports.slice(0, 4)).size).toBe(1);
    expect(new Set(ports).size).toBe(3);
  });

  it('go through the proxy that the environment names, but not to this machine', async () => {
    const { url: proxy, heads } = await using(
      rawOrigin((socket) => socket.end('HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n')),
    );
    vi.stubEnv('HTTPS_PROXY', new URL(proxy).origin);
    vi.stubEnv('HTTP_PROXY', new URL(proxy).origin);
    vi.stubEnv('NO_PROXY', 'direct.invalid');
    const { engine: made } = engine({ limits: { maxAttempts: 1 } });
    const at = await folder();
    await failure(download(join(at, 'a'), 'https://storage.invalid/x?sig=secret', made));
    expect(heads.map((head) => head.split('\n')[0])).toEqual([
      'CONNECT storage.invalid:443 HTTP/1.1',
    ]);
    expect(heads.join()).not.toContain('secret');
    await failure(download(join(at, 'a'), 'https://direct.invalid/x', made));
    const { url } = await serves();
    await download(join(at, 'b'), url, made);
    expect(heads).toHaveLength(1);
  });

  it('do not tell the password of a proxy that is not a URL', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://user:hunter2@[');
    const failed = failure(
      download(join(await folder(), 'a'), 'https://s.invalid/', engine().engine),
    );
    const error = await failed;
    expect(error.code).toBe('storage_unavailable');
    expect(`${error.stack} ${JSON.stringify(error)} ${error.cause}`).not.toContain('hunter2');
  });

  it('end when the engine is closed', async () => {
    let gone: Promise<unknown> = Promise.reject(new Error('never asked'));
    gone.catch(() => {});
    const { url } = await using(
      httpOrigin((request, response) => {
        gone = new Promise((resolve) => request.socket.on('close', resolve));
        response.end(BYTES);
      }),
    );
    const made = createTransferEngine();
    await download(join(await folder(), 'a'), url, made);
    await made.close();
    await gone;
  });
});

describe('an engine', () => {
  it('loads neither undici nor WebAssembly before it is used', async () => {
    const loaded: string[] = [];
    vi.resetModules();
    vi.doMock('undici', () => {
      loaded.push('undici');
      return {};
    });
    vi.doMock('hash-wasm/dist/crc32.umd.min.js', () => {
      loaded.push('hash-wasm');
      return {};
    });
    await import('../../../src/transfer/upload.ts');
    await import('../../../src/transfer/download.ts');
    const fresh = await import('../../../src/transfer/engine.ts');
    await fresh.createTransferEngine().close();
    expect(loaded).toEqual([]);
    vi.doUnmock('undici');
    vi.doUnmock('hash-wasm/dist/crc32.umd.min.js');
  });

  it('waits by the real clock, until its signal aborts', async () => {
    const { clock } = createTransferEngine();
    const before = clock.now();
    await clock.wait(1, new AbortController().signal);
    expect(clock.now()).toBeGreaterThanOrEqual(before);
    const cancel = new AbortController();
    const wait = clock.wait(1_000_000, cancel.signal);
    cancel.abort(new Error('enough'));
    await expect(wait).rejects.toThrow('enough');
    await expect(clock.wait(1, cancel.signal)).rejects.toThrow('enough');
  });
});
