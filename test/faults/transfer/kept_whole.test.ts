import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { downloadFile } from '../../../src/transfer/download.ts';
import type { TransferEngine } from '../../../src/transfer/engine.ts';
import { contents, engine, failure, folder, noise, sha256, using } from './fixtures.ts';
import { rangeOrigin } from './range_origin.ts';

const BYTES = noise(3_000_000);

const failing = (code: string) => Object.assign(new Error(code), { code });

/** What giving a file its name fails with; empty for the real call. */
const fails = vi.hoisted(() => ({ link: '' }));

vi.mock('node:fs/promises', async (load) => {
  const real = await load<typeof import('node:fs/promises')>();
  return {
    ...real,
    link: (from: string, to: string) =>
      fails.link === ''
        ? real.link(from, to)
        : Promise.reject(Object.assign(new Error(fails.link), { code: fails.link })),
  };
});

afterEach(() => {
  fails.link = '';
  vi.restoreAllMocks();
});

async function place() {
  const at = await folder();
  const journals = join(await folder(), 'downloads');
  const origin = await rangeOrigin(BYTES);
  await using(Promise.resolve(origin));
  const start = (by: TransferEngine) =>
    downloadFile(
      {
        open: async () => ({ kind: 'url', url: origin.url }),
        path: join(at, 'scene.tif'),
        overwrite: false,
        signal: new AbortController().signal,
        resume: { folder: journals, identity: 'asset 1' },
      },
      by,
    );
  return { at, journals, start };
}

it('a file that could not be given its name is there for the next try, in the same process', async () => {
  const { at, journals, start } = await place();
  const { engine: made } = engine();
  fails.link = 'EACCES';
  expect(await failure(start(made))).toMatchObject({ code: 'target_unwritable', resumable: true });
  fails.link = '';
  expect((await start(made)).resumedBytes).toBe(BYTES.length);
  expect(await contents(at)).toEqual({ 'scene.tif': sha256(BYTES) });
  expect(await readdir(journals)).toEqual([]);
});

it('a journal on a full disk loses its last lines, not itself', async () => {
  const { at, journals, start } = await place();
  const { engine: made } = engine();
  const handle = await open(process.execPath);
  const methods: typeof handle = Object.getPrototypeOf(handle);
  await handle.close();
  const append = methods.appendFile;
  vi.spyOn(methods, 'appendFile').mockImplementation(function (this: typeof handle, data, options) {
    return String(data).startsWith('[')
      ? Promise.reject(failing('ENOSPC'))
      : append.call(this, data, options);
  });
  fails.link = 'ENOSPC';
  expect(await failure(start(made))).toMatchObject({ code: 'no_space' });
  fails.link = '';
  // Taken up, though nothing of it is known to be there.
  await start(made);
  expect(await contents(at)).toEqual({ 'scene.tif': sha256(BYTES) });
  expect(await readdir(journals)).toEqual([]);
});
