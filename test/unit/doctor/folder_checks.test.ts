import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { foundBy, statesOf } from './patients.ts';

/** No permission is refused to it. */
const isRoot = process.getuid?.() === 0;

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'doctor-'));
  await writeFile(join(base, 'file'), '');
});

afterEach(async () => {
  await chmod(base, 0o700);
  await rm(base, { recursive: true, force: true });
});

describe('folders', () => {
  it('are told one by one', async () => {
    const allowDirs = [base, join(base, 'none'), join(base, 'file'), join(base, 'file', 'below')];
    expect(
      (await foundBy('folders', { allowDirs })).map(({ state, found }) => [state, found]),
    ).toEqual([
      ['ok', `${base} can be read and written`],
      ['fault', `${join(base, 'none')} does not exist`],
      ['fault', `${join(base, 'file')} is no folder`],
      ['fault', `${join(base, 'file', 'below')} is no folder`],
    ]);
  });

  it.skipIf(isRoot)(
    'that cannot be written are a warning, and a fault if they cannot be read',
    async () => {
      const allowDirs = [base];
      await chmod(base, 0o500);
      expect(await statesOf('folders', { allowDirs })).toEqual(['warning']);
      await chmod(base, 0o300);
      expect(await statesOf('folders', { allowDirs })).toEqual(['fault']);
    },
  );

  it('need not be named, but in the root of the filesystem', async () => {
    expect(await foundBy('folders', { workingDirectory: base })).toMatchObject([
      { state: 'ok', found: expect.stringContaining(base) },
    ]);
    expect(await statesOf('folders', { workingDirectory: '/' })).toEqual(['warning']);
  });
});

describe('the state folder', () => {
  it('may be there, or be made', async () => {
    const found = async (stateDir: string) =>
      (await foundBy('state folder', { stateDir })).map((it) => [it.state, it.found]);
    expect(await found(base)).toEqual([['ok', `${base} can be written`]]);
    const deep = join(base, 'a', 'b');
    expect(await found(deep)).toEqual([['ok', `${deep} will be made when it is needed`]]);
  });

  it('is a fault where it can be neither, and a warning where there is none', async () => {
    await mkdir(join(base, 'state'));
    const below = join(base, 'file', 'below');
    expect(await statesOf('state folder', { stateDir: below })).toEqual(['fault']);
    expect(await statesOf('state folder', { stateDir: undefined })).toEqual(['warning']);
  });

  it.skipIf(isRoot)('is a fault where it cannot be written', async () => {
    await chmod(base, 0o500);
    expect(await statesOf('state folder', { stateDir: base })).toEqual(['fault']);
    expect(await statesOf('state folder', { stateDir: join(base, 'new') })).toEqual(['fault']);
  });
});

describe('transfers', () => {
  const upload = (state: string) => ({ kind: 'upload' as const, state });
  const download = (state: string) => ({ kind: 'download' as const, state });

  it.each([
    [[], 'ok', 'nothing was left behind'],
    [
      [upload('running'), upload('awaited'), upload('elsewhere')],
      'ok',
      'nothing was left behind; 3 under way or awaited',
    ],
    [
      [upload('left_behind'), download('left_behind'), upload('unreadable'), upload('running')],
      'warning',
      'left behind: 2 upload sessions, 1 partial download',
    ],
  ])('%j', async (noted, state, found) => {
    expect(await foundBy('transfers', { transfers: async () => noted })).toMatchObject([
      { state, found },
    ]);
  });
});
