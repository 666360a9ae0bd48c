import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { download } from './downloads.ts';
import { contents, engine, failure, folder, noise, sha256, using } from './fixtures.ts';
import { httpOrigin } from './origin.ts';

const BYTES = noise(2_500_000);
const serves = () =>
  using(
    httpOrigin((_request, response) => {
      response.writeHead(200, { 'content-length': BYTES.length }).end(BYTES);
    }),
  );

/** Runs once, at the first byte. */
const once = (act: () => Promise<unknown>) => {
  let work: Promise<unknown> | undefined;
  const onProgress = () => {
    work ??= act();
  };
  return { onProgress, done: () => work };
};

describe('the target', () => {
  it('that exists stays as it is, and no byte is asked for', async () => {
    const { url, heads } = await serves();
    const at = await folder();
    const path = join(at, 'a.tif');
    await writeFile(path, 'mine');
    const error = await failure(download(path, url, engine().engine));
    expect(error).toMatchObject({ code: 'target_exists', retryable: false });
    expect(heads).toEqual([]);
    expect(await contents(at)).toEqual({ 'a.tif': sha256(Buffer.from('mine')) });
  });

  it('that appears meanwhile stays as it is', async () => {
    const at = await folder();
    const path = join(at, 'a.tif');
    const { url } = await using(
      httpOrigin((_request, response) => {
        void writeFile(path, 'theirs').then(() => response.end(BYTES));
      }),
    );
    const error = await failure(download(path, url, engine().engine));
    expect(error).toMatchObject({ code: 'target_exists' });
    expect(await contents(at)).toEqual({ 'a.tif': sha256(Buffer.from('theirs')) });
  });

  it('is replaced in one step where that was asked for', async () => {
    const { url } = await serves();
    const at = await folder();
    const path = join(at, 'a.tif');
    await writeFile(path, 'old');
    const during: string[] = [];
    const watch = once(async () => during.push(await readFile(path, 'utf8')));
    await download(path, url, engine().engine, { overwrite: true, onProgress: watch.onProgress });
    await watch.done();
    expect(during).toEqual(['old']);
    expect(await contents(at)).toEqual({ 'a.tif': sha256(BYTES) });
  });

  it('that is a link is replaced, never written through', async () => {
    const { url } = await serves();
    const at = await folder();
    const outside = join(await folder(), 'precious');
    await writeFile(outside, 'precious');
    await symlink(outside, join(at, 'a.tif'));
    await download(join(at, 'a.tif'), url, engine().engine, { overwrite: true });
    expect(await readFile(outside, 'utf8')).toBe('precious');
    expect(await contents(at)).toEqual({ 'a.tif': sha256(BYTES) });
  });

  it.each([true, false])('that is a folder is refused (overwrite %s)', async (overwrite) => {
    const { url } = await serves();
    const at = await folder();
    await mkdir(join(at, 'a.tif'));
    const error = await failure(download(join(at, 'a.tif'), url, engine().engine, { overwrite }));
    expect(error).toMatchObject({ code: 'target_unwritable' });
  });

  it('gets the mode of a new file, not of the partial one', async () => {
    const { url } = await serves();
    const path = join(await folder(), 'a.tif');
    await download(path, url, engine().engine);
    expect((await stat(path)).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  it('is hidden and private while it is partial', async () => {
    const at = await folder();
    const seen: string[] = [];
    const modes: number[] = [];
    const watch = once(async () => {
      for (const name of Object.keys(await contents(at))) {
        seen.push(name);
        modes.push((await stat(join(at, name))).mode & 0o777);
      }
    });
    const slow = await using(
      httpOrigin((_request, response) => {
        response.write(BYTES.subarray(0, 10));
        const rest = () => void watch.done()?.then(() => response.end(BYTES.subarray(10)));
        const poll = () => (watch.done() === undefined ? setImmediate(poll) : rest());
        poll();
      }),
    );
    await download(join(at, 'a.tif'), slow.url, engine().engine, { onProgress: watch.onProgress });
    expect(seen).toEqual([expect.stringMatching(/^\.a\.tif\.[\w-]{8}\.part$/)]);
    expect(modes).toEqual([0o600]);
  });
});

describe('a folder that fails', () => {
  it.each([
    { what: 'is a file', under: async (at: string) => writeFile(join(at, 'x'), '') },
    { what: 'is not there', under: async () => {} },
  ])('because it $what', async ({ under }) => {
    const { url, heads } = await serves();
    const at = await folder();
    await under(at);
    const error = await failure(download(join(at, 'x', 'a.tif'), url, engine().engine));
    expect(error).toMatchObject({ code: 'target_unwritable', retryable: false });
    expect(heads).toEqual([]);
  });

  it('by vanishing meanwhile', async () => {
    const at = join(await folder(), 'sub');
    await mkdir(at);
    const { url } = await using(
      httpOrigin((_request, response) => {
        void rm(at, { recursive: true }).then(() => response.end(BYTES));
      }),
    );
    const error = await failure(download(join(at, 'a.tif'), url, engine().engine));
    expect(error).toMatchObject({ code: 'target_unwritable', attempts: 1 });
    await expect(stat(at)).rejects.toThrow();
  });

  it('by being too small, before a byte is written', async () => {
    const { url } = await using(
      httpOrigin((_request, response) => {
        response.writeHead(200, { 'content-length': 2 ** 50 }).flushHeaders();
      }),
    );
    const at = await folder();
    const error = await failure(download(join(at, 'a.tif'), url, engine().engine));
    expect(error).toMatchObject({ code: 'no_space', attempts: 1, bytesTransferred: 0 });
    expect(await contents(at)).toEqual({});
  });

  it('with a name that no file system takes', async () => {
    const { url } = await serves();
    const at = await folder();
    const error = await failure(download(join(at, 'n'.repeat(256)), url, engine().engine));
    expect(error).toMatchObject({ code: 'target_unwritable' });
    expect(await contents(at)).toEqual({});
  });
});
