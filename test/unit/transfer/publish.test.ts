import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { partName } from '../../../src/transfer/files/part_file.ts';
import { publish } from '../../../src/transfer/files/publish.ts';

/** Codes that the mocked calls fail with; empty for the real call. */
const fails = vi.hoisted(() => ({ link: '', rename: '', sync: '' }));

vi.mock('node:fs/promises', async (load) => {
  const real = await load<typeof import('node:fs/promises')>();
  const failing = (code: string) => Object.assign(new Error(code), { code });
  return {
    ...real,
    link: (from: string, to: string) =>
      fails.link === '' ? real.link(from, to) : Promise.reject(failing(fails.link)),
    rename: (from: string, to: string) =>
      fails.rename === '' ? real.rename(from, to) : Promise.reject(failing(fails.rename)),
    open: (path: string, flags: string, mode?: number) =>
      flags === 'r' && fails.sync !== ''
        ? Promise.reject(failing(fails.sync))
        : real.open(path, flags, mode),
  };
});

let folder = '';
let part = '';
let target = '';
beforeEach(async () => {
  Object.assign(fails, { link: '', rename: '', sync: '' });
  folder = await mkdtemp(join(tmpdir(), 'publish-'));
  part = join(folder, '.a.part');
  target = join(folder, 'a.tif');
  await writeFile(part, 'whole');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a finished file gets its name', () => {
  it.each([
    { how: 'by a link', link: '' },
    { how: 'without links (EPERM)', link: 'EPERM' },
    { how: 'without links (EOPNOTSUPP)', link: 'EOPNOTSUPP' },
  ])('$how', async ({ link }) => {
    fails.link = link;
    await publish(part, target, false);
    expect(await readdir(folder)).toEqual(['a.tif']);
    expect(await readFile(target, 'utf8')).toBe('whole');
    expect((await stat(target)).nlink).toBe(1);
  });

  it.each(['', 'EPERM'])('but never another file\'s (link fails: "%s")', async (link) => {
    fails.link = link;
    await writeFile(target, 'theirs');
    await expect(publish(part, target, false)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(target, 'utf8')).toBe('theirs');
  });

  it('unless that is to be overwritten', async () => {
    await writeFile(target, 'theirs');
    await publish(part, target, true);
    expect(await readFile(target, 'utf8')).toBe('whole');
    expect(await readdir(folder)).toEqual(['a.tif']);
  });

  it('or none at all: a claimed name is given back', async () => {
    Object.assign(fails, { link: 'ENOTSUP', rename: 'EIO' });
    await expect(publish(part, target, false)).rejects.toMatchObject({ code: 'EIO' });
    expect(await readdir(folder)).toEqual(['.a.part']);
  });

  it('also where folders cannot be synced, but not where syncing fails', async () => {
    fails.sync = 'EINVAL';
    await publish(part, target, false);
    expect(await readFile(target, 'utf8')).toBe('whole');
    fails.sync = 'EIO';
    await expect(publish(target, part, true)).rejects.toMatchObject({ code: 'EIO' });
  });
});

describe('the name of a partial file', () => {
  it('hides, says whose it is, and never grows too long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 255 }), (name) => {
        const made = partName(name, 'abcdefgh');
        expect(Buffer.byteLength(made)).toBeLessThanOrEqual(255);
        expect(made.startsWith('.')).toBe(true);
        expect(made.endsWith('.abcdefgh.part')).toBe(true);
        const base = made.slice(1, -'.abcdefgh.part'.length);
        expect(name.startsWith(base) || name.includes('\uFFFD')).toBe(true);
        expect(Buffer.byteLength(name) > 240 || base === name || name.includes('\uFFFD')).toBe(
          true,
        );
      }),
    );
    expect(partName('a.tif', 'abcdefgh')).toBe('.a.tif.abcdefgh.part');
    expect(Buffer.byteLength(partName('雪'.repeat(85), 'abcdefgh'))).toBe(255);
  });
});
