import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { TransferEngine } from '../../../src/transfer/engine.ts';
import type { RemoteAccess } from '../../../src/transfer/sources/remote_access.ts';
import type { UploadSource } from '../../../src/transfer/sources/upload_source.ts';
import { uploadFile } from '../../../src/transfer/upload.ts';
import { engine, noise, sourceFile, using } from './fixtures.ts';
import { httpOrigin } from './origin.ts';
import { event, opened, remoteAccess, serveFile } from './remote_sources.ts';
import { upload } from './uploads.ts';

const MANY = 20;
/** What one owner may have at once of the 16 places. */
const MOST_OF_ONE = 12;
const SMALL = noise(1000);

const forOwner = (access: RemoteAccess, owner: string): RemoteAccess => ({
  ...access,
  engine: access.engine.forOwner(owner),
});

function send(source: UploadSource, url: string, to: TransferEngine, signal: AbortSignal) {
  const sign = async () => ({ kind: 'put' as const, url, headers: {} });
  return uploadFile({ source, sign, signal }, to);
}

/** Storage that takes what comes, and tells when so many requests have. */
async function storage(requests: number) {
  const full = event();
  const { url } = await using(
    httpOrigin((request, response, n) => {
      if (n === requests) full.happen();
      request.resume().on('end', () => response.end());
    }),
  );
  return { url, full: full.happened };
}

describe('one owner whose sources are slow keeps back no other', () => {
  it('that uploads, while twenty sources drip', async () => {
    const drips = await using(
      httpOrigin((_request, response) => {
        response.writeHead(200, { 'content-length': 3_000_000 }).write(SMALL);
      }),
    );
    const good = await using(httpOrigin(serveFile({ bytes: SMALL })));
    const target = await storage(MOST_OF_ONE);
    const { engine: to } = engine();
    const { access } = remoteAccess();
    const enough = new AbortController();
    setMaxListeners(0, enough.signal);
    const slow = Array.from({ length: MANY }, async () => {
      const source = await opened(drips.url, forOwner(access, 'a'));
      return send(source, target.url, to.forOwner('a'), enough.signal);
    });
    const ended = Promise.allSettled(slow);
    await target.full;
    const source = await opened(good.url, forOwner(access, 'b'));
    const { signal } = new AbortController();
    const relayed = await send(source, target.url, to.forOwner('b'), signal);
    expect(relayed).toMatchObject({ bytes: SMALL.length, attempts: 1 });
    // Nor itself, with a file of its own.
    const own = await upload(await sourceFile(SMALL), target.url, to.forOwner('a'));
    expect(own).toMatchObject({ bytes: SMALL.length, attempts: 1 });
    enough.abort(new Error('enough'));
    expect((await ended).every(({ status }) => status === 'rejected')).toBe(true);
  });

  it('that fetches, while twenty sources never answer', async () => {
    const full = event();
    const silent = await using(
      httpOrigin((_request, _response, n) => {
        if (n === MOST_OF_ONE) full.happen();
      }),
    );
    const good = await using(httpOrigin(serveFile({ bytes: SMALL })));
    const { access } = remoteAccess();
    const enough = new AbortController();
    setMaxListeners(0, enough.signal);
    const ended = Promise.allSettled(
      Array.from({ length: MANY }, () => opened(silent.url, forOwner(access, 'a'), enough.signal)),
    );
    await full.happened;
    expect((await opened(good.url, forOwner(access, 'b'))).size).toBe(SMALL.length);
    expect(silent.heads).toHaveLength(MOST_OF_ONE);
    enough.abort(new Error('enough'));
    expect((await ended).every(({ status }) => status === 'rejected')).toBe(true);
  });
});
