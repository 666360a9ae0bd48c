import { createHash } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { TransferEngine } from '../../../src/transfer/engine.ts';
import type { UploadSource } from '../../../src/transfer/sources/upload_source.ts';
import { uploadFile } from '../../../src/transfer/upload.ts';
import { engine, failure, noise, sha256, using } from './fixtures.ts';
import { httpOrigin } from './origin.ts';
import { event, opened, remoteAccess, serveFile } from './remote_sources.ts';

const SIZE = 3_000_001;
const BYTES = noise(SIZE);
const STRONG = { etag: '"v1"' };

/** So many bytes reach storage of a source that halts after the first 1,000,000: whole chunks alone go on. */
const LAST_BEFORE_HALT = 64 * 1024 + 3 * 256 * 1024;

/** Sends a source to one URL. */
function send(source: UploadSource, url: string, to: TransferEngine, signal?: AbortSignal) {
  const reasons: string[] = [];
  const sent = uploadFile(
    {
      source,
      async sign(reason) {
        reasons.push(reason);
        return { kind: 'put', url, headers: {} };
      },
      signal: signal ?? new AbortController().signal,
      sha256: true,
    },
    to,
  );
  return { sent, reasons };
}

/** Storage that takes whole bodies, and what it took. */
function storage(headers: (md5: Buffer) => OutgoingHttpHeaders = () => ({})) {
  const taken: string[] = [];
  const halted = event();
  const origin = httpOrigin((request: IncomingMessage, response: ServerResponse) => {
    const sha = createHash('sha256');
    const md5 = createHash('md5');
    let seen = 0;
    request.on('data', (chunk: Buffer) => {
      sha.update(chunk);
      md5.update(chunk);
      seen += chunk.length;
      if (seen === LAST_BEFORE_HALT) halted.happen();
    });
    request.on('end', () => {
      taken.push(sha.digest('hex'));
      response.writeHead(200, headers(md5.digest())).end();
    });
  });
  return { origin: using(origin), taken, halted: halted.happened };
}

describe('an upload from a URL', () => {
  it('arrives as it is at its source', async () => {
    const { url } = await using(httpOrigin(serveFile({ bytes: BYTES, headers: STRONG })));
    const { origin, taken } = storage();
    const target = await origin;
    const source = await opened(url, remoteAccess().access);
    const receipt = await send(source, target.url, engine().engine).sent;
    expect(taken).toEqual([sha256(BYTES)]);
    expect(receipt).toMatchObject({ attempts: 1, bytes: SIZE, sha256: sha256(BYTES) });
    expect(target.heads[0]).toContain(`Content-Length: ${SIZE}`);
  });

  it('goes on in one PUT while its source is fetched in pieces', async () => {
    const breaksAfter = (n: number) => (n < 6 ? 400_000 : undefined);
    const { url, heads } = await using(
      httpOrigin(serveFile({ bytes: BYTES, headers: STRONG, breaksAfter })),
    );
    const { origin, taken } = storage();
    const target = await origin;
    const source = await opened(url, remoteAccess().access);
    const receipt = await send(source, target.url, engine().engine).sent;
    expect(taken).toEqual([sha256(BYTES)]);
    expect(receipt.attempts).toBe(1);
    expect(target.heads.length).toBe(1);
    expect(heads.length).toBe(6);
  });

  it('starts over, freshly signed, where the source cannot be gone on with', async () => {
    const breaksAfter = (n: number) => (n < 3 ? 400_000 : undefined);
    const { url, heads } = await using(httpOrigin(serveFile({ bytes: BYTES, breaksAfter })));
    const { origin, taken } = storage();
    const target = await origin;
    const source = await opened(url, remoteAccess().access);
    const { sent, reasons } = send(source, target.url, engine().engine);
    expect((await sent).attempts).toBe(3);
    expect(taken).toEqual([sha256(BYTES)]);
    expect(reasons).toEqual(['first', 'retry', 'retry']);
    expect(heads.length).toBe(3);
  });

  it('ends where the source has changed, with nothing whole at the other end', async () => {
    const { url } = await using(
      httpOrigin((request, response, n) =>
        serveFile({
          bytes: BYTES,
          headers: { etag: `"v${n}"` },
          breaksAfter: () => (n === 1 ? 400_000 : undefined),
        })(request, response, n),
      ),
    );
    const { origin, taken } = storage();
    const target = await origin;
    const source = await opened(url, remoteAccess().access);
    const error = await failure(send(source, target.url, engine().engine).sent);
    expect(error).toMatchObject({ code: 'source_changed', attempts: 1 });
    expect(taken).toEqual([]);
  });

  it('does not try again what the source has tried often enough', async () => {
    const breaksAfter = (n: number) => (n === 1 ? 400_000 : 0);
    const { url } = await using(
      httpOrigin(serveFile({ bytes: BYTES, headers: STRONG, breaksAfter })),
    );
    const { origin, taken } = storage();
    const target = await origin;
    const source = await opened(url, remoteAccess().access);
    const error = await failure(send(source, target.url, engine().engine).sent);
    expect(error).toMatchObject({ code: 'source_unavailable', attempts: 1, retryable: true });
    expect(target.heads.length).toBe(1);
    expect(taken).toEqual([]);
  });

  it('reads its source again for an attempt that storage has failed', async () => {
    const { url, heads } = await using(httpOrigin(serveFile({ bytes: BYTES, headers: STRONG })));
    const shas: string[] = [];
    const target = await using(
      httpOrigin((request, response, n) => {
        const sha = createHash('sha256');
        let seen = 0;
        request.on('data', (chunk: Buffer) => {
          sha.update(chunk);
          seen += chunk.length;
          if (n === 1 && seen > 1_500_000) request.socket.destroy();
        });
        request.on('end', () => {
          shas.push(sha.digest('hex'));
          response.end();
        });
      }),
    );
    const source = await opened(url, remoteAccess().access);
    expect((await send(source, target.url, engine().engine).sent).attempts).toBe(2);
    expect(shas).toEqual([sha256(BYTES)]);
    expect(heads.length).toBe(2);
  });
});

describe('a source that is slow', () => {
  /** A source that stops after its first bytes until it is told to go on. */
  async function halting() {
    const left = event();
    let goOn = () => {};
    const { url } = await using(
      httpOrigin((request, response) => {
        request.socket.once('end', left.happen).once('close', left.happen);
        response.writeHead(200, { ...STRONG, 'content-length': SIZE });
        response.write(BYTES.subarray(0, 1_000_000));
        goOn = () => void response.end(BYTES.subarray(1_000_000));
      }),
    );
    return { url, left, goOn: () => goOn() };
  }

  it('is no stall of storage', async () => {
    const { url, goOn } = await halting();
    const { origin, taken, halted } = storage();
    const target = await origin;
    const { engine: to, clock } = engine();
    const source = await opened(url, remoteAccess().access);
    const { sent } = send(source, target.url, to);
    await halted;
    await turns();
    clock.advance(5_000_000);
    await turns();
    goOn();
    expect((await sent).attempts).toBe(1);
    expect(taken).toEqual([sha256(BYTES)]);
  });

  it('is left as soon as storage refuses what came', async () => {
    const { url, left } = await halting();
    const target = await using(
      httpOrigin((request, response) => {
        let seen = 0;
        request.on('data', (chunk: Buffer) => {
          seen += chunk.length;
          // All that comes before the source halts.
          if (seen === LAST_BEFORE_HALT) response.writeHead(403).end('<Code>AccessDenied</Code>');
        });
      }),
    );
    const source = await opened(url, remoteAccess().access);
    const error = await failure(send(source, target.url, engine().engine).sent);
    expect(error).toMatchObject({ code: 'storage_refused', storageCode: 'AccessDenied' });
    await left.happened;
  });

  it('is left as soon as the upload is cancelled', async () => {
    const { url, left } = await halting();
    const { origin, taken, halted } = storage();
    const target = await origin;
    const source = await opened(url, remoteAccess().access);
    const caller = new AbortController();
    const { sent } = send(source, target.url, engine().engine, caller.signal);
    await halted;
    const reason = new Error('enough');
    caller.abort(reason);
    await expect(sent).rejects.toBe(reason);
    await left.happened;
    expect(taken).toEqual([]);
  });

  async function turns(): Promise<void> {
    for (let n = 0; n < 50; n += 1) await new Promise((resolve) => setImmediate(resolve));
  }
});

describe('storage that states only an MD5', () => {
  const s3 = (md5: Buffer) => ({ 'x-amz-request-id': 'r', etag: `"${md5.toString('hex')}"` });

  it('is compared with it, and the source is not read again for that', async () => {
    const { url, heads } = await using(httpOrigin(serveFile({ bytes: BYTES, headers: STRONG })));
    const target = await storage(s3).origin;
    const source = await opened(url, remoteAccess().access);
    const receipt = await send(source, target.url, engine().engine).sent;
    expect(receipt).toMatchObject({ verified: 'md5', attempts: 1 });
    expect(heads.length).toBe(1);
  });

  it('is found out when it lies', async () => {
    const { url } = await using(httpOrigin(serveFile({ bytes: BYTES, headers: STRONG })));
    const target = await storage((md5) => s3(md5.reverse())).origin;
    const source = await opened(url, remoteAccess().access);
    expect(await failure(send(source, target.url, engine().engine).sent)).toMatchObject({
      code: 'checksum_mismatch',
      attempts: 2,
    });
  });

  it('where a CRC32C was known to come leaves it at what was compared', async () => {
    const { url, heads } = await using(httpOrigin(serveFile({ bytes: BYTES, headers: STRONG })));
    const target = await storage(s3).origin;
    const { engine: to } = engine();
    to.hosts.stated(new URL(target.url), { crc32c: 'AAAAAA==' });
    const source = await opened(url, remoteAccess().access);
    expect((await send(source, target.url, to).sent).verified).toBe('none');
    expect(heads.length).toBe(1);
  });
});
