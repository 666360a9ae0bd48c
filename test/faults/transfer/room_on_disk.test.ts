import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { download } from './downloads.ts';
import { contents, engine, folder, noise, sha256, using } from './fixtures.ts';
import { httpOrigin } from './origin.ts';
import { rangeOrigin } from './range_origin.ts';

const MIB = 1024 * 1024;
const SIZE = 3 * MIB;
const BYTES = noise(SIZE);

/** What the disk of every folder holds in all: one file, and not two. */
const DISK_BYTES = vi.hoisted(() => 4 * 1024 * 1024);

vi.mock('node:fs/promises', async (load) => ({
  ...(await load<typeof import('node:fs/promises')>()),
  async statfs(path: string) {
    const names = await readdir(path);
    const files = await Promise.all(names.map((name) => stat(join(path, name))));
    const taken = files.reduce((sum, { blocks }) => sum + blocks * 512, 0);
    return { blocks: DISK_BYTES, bsize: 1, bavail: DISK_BYTES - taken };
  },
}));

it('what a first attempt took is free for the second', async () => {
  const { url } = await using(
    httpOrigin((_request, response, n) => {
      response.writeHead(200, { 'content-length': SIZE });
      if (n > 1) response.end(BYTES);
      else response.write(BYTES.subarray(0, SIZE - 1), () => response.socket?.end());
    }),
  );
  const at = await folder();
  await download(join(at, 'a.tif'), url, engine().engine);
  expect(await contents(at)).toEqual({ 'a.tif': sha256(BYTES) });
});

it('what a replaced version took is free for the next', async () => {
  const next = noise(SIZE, 2);
  const origin = await rangeOrigin(BYTES, {
    pace: async ({ n, sent }) => {
      if (n > 1 || sent < 2 * MIB) return;
      origin.replace(next);
      throw new Error('reset');
    },
  });
  await using(Promise.resolve(origin));
  const at = await folder();
  await download(join(at, 'a.tif'), origin.url, engine().engine);
  expect(await contents(at)).toEqual({ 'a.tif': sha256(next) });
});
