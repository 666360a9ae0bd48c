import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dispatcher } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTransferEngine } from '../../../src/transfer/engine.ts';
import { openSourceFile } from '../../../src/transfer/files/source_file.ts';
import type { HttpDispatcher } from '../../../src/transfer/http/undici_exchange.ts';
import { uploadFile } from '../../../src/transfer/upload.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'put-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const connection: Dispatcher.DispatchController = {
  aborted: false,
  paused: false,
  reason: null,
  abort: () => {},
  pause: () => {},
  resume: () => {},
};

/** Answers as soon as it holds the body, and asks the body for more only when told to. */
class EarlyAnswer implements HttpDispatcher {
  #body: AsyncIterator<Uint8Array> | undefined;

  dispatch(
    { body }: Parameters<HttpDispatcher['dispatch']>[0],
    handler: Dispatcher.DispatchHandler,
  ): boolean {
    if (body === null || typeof body !== 'object' || !(Symbol.asyncIterator in body)) {
      throw new TypeError('the body is an async iterable');
    }
    const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
    this.#body = chunks;
    handler.onRequestStart?.(connection, {});
    const answer = () => {
      handler.onResponseStart?.(connection, 201, {}, 'Created');
      handler.onResponseEnd?.(connection, {});
    };
    chunks.next().then(answer, (error: Error) => handler.onResponseError?.(connection, error));
    return true;
  }

  async askForTheRest(): Promise<void> {
    while ((await this.#body?.next())?.done === false);
  }
}

it('leaves no timer behind when the answer overtakes the note that all was sent', async () => {
  const dispatcher = new EarlyAnswer();
  let waiting = 0;
  const clock = {
    now: () => 0,
    wait: (_ms: number, signal: AbortSignal) =>
      new Promise<void>((_, reject) => {
        waiting += 1;
        signal.addEventListener('abort', () => {
          waiting -= 1;
          reject(signal.reason);
        });
      }),
  };
  const path = join(root, 'tile.tif');
  await writeFile(path, Buffer.alloc(256 * 1024, 'geo'));
  const source = await openSourceFile(path);
  const sign = async () => ({ kind: 'put' as const, url: 'https://storage.test/t', headers: {} });
  const { signal } = new AbortController();
  await uploadFile({ source, sign, signal }, createTransferEngine({ dispatcher, clock }));
  await dispatcher.askForTheRest();
  await source.close();
  expect(waiting).toBe(0);
});
