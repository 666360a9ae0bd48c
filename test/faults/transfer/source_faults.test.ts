import { appendFile, open, rename, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSourceFile } from '../../../src/transfer/files/source_file.ts';
import { engine, failure, folder, noise, sourceFile, using } from './fixtures.ts';
import { httpOrigin, rawOrigin } from './origin.ts';
import { newRun, upload } from './uploads.ts';

const SIZE = 20 * 1024 * 1024;

const changes = [
  { what: 'truncated', change: (path: string) => truncate(path, SIZE / 2) },
  { what: 'grown', change: (path: string) => appendFile(path, 'x') },
  {
    what: 'replaced',
    change: async (path: string) => {
      await writeFile(`${path}.new`, noise(SIZE, 9));
      await rename(`${path}.new`, path);
    },
  },
  {
    what: 'rewritten in place, same size',
    change: async (path: string) => {
      const file = await open(path, 'r+');
      await file.write(Buffer.from('x'), 0, 1, SIZE - 1);
      await file.close();
    },
  },
  { what: 'touched', change: (path: string) => utimes(path, 1, 1) },
];

describe('a file that changes while it is uploaded fails the upload, once', () => {
  it.each(changes)('$what', async ({ change }) => {
    const path = await sourceFile(noise(SIZE));
    let whole = false;
    let gone = () => {};
    const left = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const { url, heads } = await using(
      rawOrigin((socket, _n, start) => {
        socket.on('close', () => gone());
        let seen = start.length;
        socket.on('data', (data) => {
          seen += data.length;
          whole = seen >= SIZE;
        });
        // Nothing is read until the change is made, so it falls in the middle.
        void change(path).then(() => socket.resume());
      }),
    );
    const run = newRun();
    const error = await failure(upload(path, url, engine().engine, { run }));
    expect(error).toMatchObject({ code: 'source_changed', retryable: false, attempts: 1 });
    expect(run.reasons).toEqual(['first']);
    expect(heads).toHaveLength(1);
    // The server is not left waiting for the rest.
    await left;
    expect(whole).toBe(false);
  });
});

it('a sparse file over 4 GiB is announced and read at its true size', async () => {
  const size = 5 * 1024 ** 3 + 123;
  const path = join(await folder(), 'big.tif');
  await writeFile(path, 'II*\0');
  await truncate(path, size);
  const enough = new AbortController();
  const { url, heads } = await using(
    httpOrigin((request) => {
      request.on('data', () => enough.abort(new Error('seen enough')));
    }),
  );
  const work = upload(path, url, engine().engine, { signal: enough.signal });
  await expect(work).rejects.toThrow('seen enough');
  expect(heads[0]?.toLowerCase()).toContain(`content-length: ${size}`);
});

it('the file is closed by its owner only, and twice is an error of the owner', async () => {
  const path = await sourceFile(noise(3));
  const source = await openSourceFile(path);
  await source.assertUnchanged();
  await source.close();
  expect(dirname(source.path)).toBe(dirname(path));
  await expect(source.assertUnchanged()).rejects.toThrow();
});
