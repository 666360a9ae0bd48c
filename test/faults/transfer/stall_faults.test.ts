import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { download } from './downloads.ts';
import {
  contents,
  engine,
  failure,
  folder,
  noise,
  settledAt,
  sourceFile,
  using,
} from './fixtures.ts';
import { httpOrigin, rawOrigin } from './origin.ts';
import { HELD_LIMITS } from './test_clock.ts';
import { upload } from './uploads.ts';

const ONE_ATTEMPT = { limits: { maxAttempts: 1 } };

describe('a line that falls silent', () => {
  it('ends a download once its window has passed, not before', async () => {
    const { url } = await using(
      httpOrigin((_request, response) => {
        response.writeHead(200, { 'content-length': 1000 }).write(noise(10));
      }),
    );
    const { engine: made, clock } = engine(ONE_ATTEMPT);
    const at = await folder();
    let ended = false;
    let begun = () => {};
    const firstByte = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const failed = failure(
      download(join(at, 'a.tif'), url, made, { onProgress: () => begun() }),
    ).finally(() => {
      ended = true;
    });
    await firstByte;
    clock.advance(HELD_LIMITS.downloadStallMs - 1);
    await settledAt(() => 0);
    expect(ended).toBe(false);
    clock.advance(1);
    expect(await failed).toMatchObject({ code: 'stalled', retryable: true, bytesTransferred: 10 });
    expect(await contents(at)).toEqual({});
  });

  it('ends an API answer that falls silent and ignores being discarded', async () => {
    const { engine: made, clock } = engine(ONE_ATTEMPT);
    let discarded = 0;
    const failed = failure(
      download(
        join(await folder(), 'a.tif'),
        () => ({
          kind: 'body',
          headers: {},
          body: (async function* () {
            yield noise(10);
            await new Promise(() => {});
          })(),
          discard: () => {
            discarded += 1;
          },
        }),
        made,
        { onProgress: () => setImmediate(() => clock.advance(HELD_LIMITS.downloadStallMs)) },
      ),
    );
    expect(await failed).toMatchObject({ code: 'stalled' });
    expect(discarded).toBe(1);
  });

  it.each(['GET', 'PUT'])('ends a %s that is never answered', async (method) => {
    let heard = () => {};
    const received = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const { url } = await using(
      httpOrigin((request) => {
        request.resume().on('end', () => heard());
      }),
    );
    const { engine: made, clock } = engine(ONE_ATTEMPT);
    const work =
      method === 'GET'
        ? download(join(await folder(), 'a.tif'), url, made)
        : upload(await sourceFile(noise(10)), url, made);
    const failed = failure(work);
    await received;
    await settledAt(() => 0);
    clock.advance(HELD_LIMITS.putAnswerMs);
    expect(await failed).toMatchObject({ code: 'stalled', retryable: true });
  });

  it('ends a refusal of a download whose words do not come, as what it is', async () => {
    const { url } = await using(
      rawOrigin((socket) => {
        socket.resume().write('HTTP/1.1 404 No\r\nContent-Length: 100\r\n\r\n<Error>');
      }),
    );
    const { engine: made, clock } = engine(ONE_ATTEMPT);
    const { answered } = made.hosts;
    vi.spyOn(made.hosts, 'answered').mockImplementation((...heard) => {
      setImmediate(() => clock.advance(HELD_LIMITS.downloadStallMs));
      answered.apply(made.hosts, heard);
    });
    const error = await failure(download(join(await folder(), 'a.tif'), url, made));
    expect(error).toMatchObject({ code: 'storage_refused', status: 404 });
  });

  it('ends an upload whose bytes nobody takes', async () => {
    const { url } = await using(rawOrigin((socket) => socket.pause()));
    const { engine: made, clock } = engine(ONE_ATTEMPT);
    let sent = 0;
    const failed = failure(
      upload(await sourceFile(noise(48 * 1024 * 1024)), url, made, {
        onProgress: (bytes) => {
          sent = bytes;
        },
      }),
    );
    while (sent === 0) {
      await settledAt(() => sent);
    }
    await settledAt(() => sent);
    clock.advance(HELD_LIMITS.uploadStallMs);
    const error = await failed;
    expect(error).toMatchObject({ code: 'stalled', bytesTransferred: sent });
    expect(sent).toBeLessThan(48 * 1024 * 1024);
  });

  it('is tried again', async () => {
    const bytes = noise(100_000);
    const { url } = await using(
      httpOrigin((_request, response, n) => {
        response.writeHead(200, { 'content-length': bytes.length });
        if (n === 1) {
          response.write(bytes.subarray(0, 10));
        } else {
          response.end(bytes);
        }
      }),
    );
    const { engine: made, clock } = engine();
    const receipt = await download(join(await folder(), 'a.tif'), url, made, {
      onProgress: (done) => {
        if (done === 10) {
          setImmediate(() => clock.advance(HELD_LIMITS.downloadStallMs));
        }
      },
    });
    expect(receipt).toMatchObject({ attempts: 2, bytes: bytes.length });
  });
});
