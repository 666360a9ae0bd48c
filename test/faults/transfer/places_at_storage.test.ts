import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Cancelled } from '../../../src/transfer/cancelled.ts';
import { downloadFile } from '../../../src/transfer/download.ts';
import { download } from './downloads.ts';
import { contents, engine, folder, noise, sha256, using } from './fixtures.ts';
import { rawOrigin } from './origin.ts';
import { rangeOrigin } from './range_origin.ts';

const PLACES = 2;

/** What a server says to every request, byte for byte. */
const ANSWERS: readonly { readonly what: string; readonly says: string }[] = [
  { what: 'an empty file', says: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' },
  {
    what: 'an empty file, to a range of it',
    says: 'HTTP/1.1 416 No\r\nContent-Range: bytes */0\r\nContent-Length: 5\r\n\r\nempty',
  },
  { what: 'a file', says: 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfile' },
  { what: 'a refusal', says: 'HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno' },
  { what: 'half a file', says: 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nfile' },
  { what: 'a redirect to nowhere', says: 'HTTP/1.1 302 No\r\nContent-Length: 0\r\n\r\n' },
  {
    what: 'more than a disk holds',
    says: 'HTTP/1.1 200 OK\r\nContent-Length: 9999999999999\r\n\r\n',
  },
  { what: 'nothing', says: '' },
];

describe('a download gives its place at storage back', () => {
  it.each(ANSWERS)('when what comes is $what', async ({ says }) => {
    const { url } = await using(
      rawOrigin((socket) => {
        socket.resume().end(says);
      }),
    );
    const { engine: made } = engine({ limits: { requestsAtOnce: PLACES, maxAttempts: 2 } });
    const at = await folder();
    for (let n = 0; n < PLACES + 1; n += 1) {
      await download(join(at, `${n}.tif`), url, made).catch(() => undefined);
    }
    expect(made.limiter.spare).toBe(PLACES);
  });

  it('when every byte of it was there already', async () => {
    const bytes = noise(3_000_000);
    const origin = await rangeOrigin(bytes);
    await using(Promise.resolve(origin));
    const { engine: made } = engine({ limits: { requestsAtOnce: PLACES } });
    const [at, journals] = [await folder(), await folder()];
    const cancel = new AbortController();
    const start = (signal: AbortSignal) =>
      downloadFile(
        {
          open: async () => ({ kind: 'url', url: origin.url }),
          path: join(at, 'scene.tif'),
          overwrite: false,
          signal,
          resume: { folder: journals, identity: 'asset 1' },
          onProgress: (done) => {
            if (done === bytes.length) cancel.abort(new Cancelled('enough', { keepPartial: true }));
          },
        },
        made,
      );
    await expect(start(cancel.signal)).rejects.toThrow('enough');
    const receipt = await start(new AbortController().signal);
    expect(receipt.resumedBytes).toBe(bytes.length);
    expect(await contents(at)).toEqual({ 'scene.tif': sha256(bytes) });
    expect(made.limiter.spare).toBe(PLACES);
  });
});
