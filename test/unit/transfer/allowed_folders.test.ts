import { execFileSync } from 'node:child_process';
import {
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type PathRefusal,
  PathRefused,
  resolveSource,
  resolveTarget,
} from '../../../src/transfer/files/allowed_folders.ts';

/** Node cannot make one itself. */
const MAKE_FIFO = 'mkfifo';
let root = '';
/** `in` is allowed, `out` is not; `into` inside leads out. */
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'paths-')));
  await mkdir(join(root, 'in', 'sub'), { recursive: true });
  await mkdir(join(root, 'in-side'));
  await mkdir(join(root, 'out', 'sub'), { recursive: true });
  await writeFile(join(root, 'in', 'a.tif'), 'a');
  await writeFile(join(root, 'in', 'sub', '雪.tif'), 'b');
  await writeFile(join(root, 'in-side', 'a.tif'), 'c');
  await writeFile(join(root, 'out', 'secret'), 'd');
  await symlink(join(root, 'out'), join(root, 'in', 'into'));
  await symlink(join(root, 'out', 'secret'), join(root, 'in', 'link'));
  await symlink(join(root, 'in', 'a.tif'), join(root, 'in', 'alias'));
  await symlink(join(root, 'in', 'sub'), join(root, 'in', 'folder'));
  await symlink('loop', join(root, 'in', 'loop'));
  await symlink(join(root, 'in', 'gone'), join(root, 'in', 'dangling'));
  await symlink(join(root, 'in'), join(root, 'way-in'));
  execFileSync(MAKE_FIFO, [join(root, 'in', 'fifo')]);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const policy = () => ({ folders: [join(root, 'in')] });
const at = (path: string) => path.replace('ROOT', root);

async function refusal(work: Promise<unknown>): Promise<PathRefused> {
  const error = await work.then(
    (path) => new Error(`admitted ${String(path)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof PathRefused) {
    return error;
  }
  throw error;
}

describe('a source', () => {
  it.each([
    ['a.tif', 'in/a.tif'],
    ['./sub/../a.tif', 'in/a.tif'],
    ['ROOT/in/a.tif', 'in/a.tif'],
    ['sub/雪.tif', 'in/sub/雪.tif'],
    ['alias', 'in/a.tif'],
    ['folder/雪.tif', 'in/sub/雪.tif'],
    ['ROOT/way-in/a.tif', 'in/a.tif'],
    ['/proc/self/cwd/../../../../ROOT/in/a.tif', 'in/a.tif'],
  ])('%s is %s', async (path, real) => {
    expect(await resolveSource(at(path), policy())).toBe(join(root, real));
  });

  const refused: [string, PathRefusal][] = [
    ['', 'invalid'],
    ['a.tif\0.png', 'invalid'],
    ['x'.repeat(5000), 'invalid'],
    ['loop', 'invalid'],
    ['gone.tif', 'missing'],
    ['gone/a.tif', 'missing'],
    ['a.tif/b', 'missing'],
    ['dangling', 'missing'],
    ['~/a.tif', 'missing'],
    ['.', 'not_a_file'],
    ['sub', 'not_a_file'],
    ['fifo', 'not_a_file'],
    ['..', 'outside'],
    ['../out/secret', 'outside'],
    ['../in-side/a.tif', 'outside'],
    ['link', 'outside'],
    ['into/secret', 'outside'],
    ['into/gone', 'outside'],
    ['ROOT/out/gone', 'outside'],
    ['/etc/passwd', 'outside'],
    ['/dev/zero', 'outside'],
    ['/proc/self/environ', 'outside'],
    ['/proc/self/root/etc/passwd', 'outside'],
  ];
  it.each(refused)('%s is refused: %s', async (path, reason) => {
    const error = await refusal(resolveSource(at(path), policy()));
    expect(error.reason).toBe(reason);
    expect(error.allowed).toEqual(policy().folders);
    expect(error.message).toContain(join(root, 'in'));
  });

  it('is refused in the same words outside, whether or not it exists', async () => {
    const [there, gone] = await Promise.all(
      ['secret', 'secre_'].map((name) => refusal(resolveSource(join(root, 'out', name), policy()))),
    );
    expect(there?.message.replace('secret', '')).toBe(gone?.message.replace('secre_', ''));
  });

  it('hints at a tilde that nobody expanded', async () => {
    expect((await refusal(resolveSource('~/a.tif', policy()))).message).toContain('not expanded');
  });

  it('is never found where no folder is allowed, or none that exists', async () => {
    const inside = join(root, 'in', 'a.tif');
    for (const folders of [[], [join(root, 'gone')]]) {
      expect((await refusal(resolveSource(inside, { folders }))).reason).toBe('outside');
    }
  });

  it('may lie in any of several folders; relative ones start in the first', async () => {
    const folders = [join(root, 'out'), join(root, 'way-in')];
    expect(await resolveSource(join(root, 'in', 'a.tif'), { folders })).toBe(
      join(root, 'in', 'a.tif'),
    );
    expect(await resolveSource('secret', { folders })).toBe(join(root, 'out', 'secret'));
    expect((await refusal(resolveSource('a.tif', { folders }))).reason).toBe('missing');
  });

  it('in the kernel is refused even where everything is allowed', async () => {
    for (const path of ['/proc/self/environ', '/proc/version', '/sys/kernel/notes']) {
      expect((await refusal(resolveSource(path, { folders: ['/'] }))).reason).toBe('outside');
    }
    expect((await refusal(resolveSource('/dev/null', { folders: ['/'] }))).reason).toBe(
      'not_a_file',
    );
  });

  it('keeps control characters out of the message', async () => {
    const error = await refusal(resolveSource('a\u001b[2J\n\rb', policy()));
    expect(error.message).toContain("'a [2J b'");
  });
});

describe('a target', () => {
  it.each([
    ['new.tif', 'in/new.tif'],
    ['sub/./new.tif', 'in/sub/new.tif'],
    ['folder/new.tif', 'in/sub/new.tif'],
    ['ROOT/way-in/new.tif', 'in/new.tif'],
    [`${'n'.repeat(255)}`, `in/${'n'.repeat(255)}`],
  ])('%s is %s', async (path, real) => {
    expect(await resolveTarget(at(path), policy(), { overwrite: false })).toBe(join(root, real));
  });

  const refused: [string, PathRefusal][] = [
    ['', 'invalid'],
    ['.', 'invalid'],
    ['..', 'invalid'],
    ['sub/', 'invalid'],
    ['sub/.', 'invalid'],
    ['sub/..', 'invalid'],
    ['new.tif\0', 'invalid'],
    ['ü'.repeat(128), 'invalid'],
    ['gone/new.tif', 'parent_missing'],
    ['a.tif/new.tif', 'parent_missing'],
    ['~/new.tif', 'parent_missing'],
    ['sub', 'not_a_file'],
    ['fifo', 'not_a_file'],
    ['link', 'symlink'],
    ['alias', 'symlink'],
    ['dangling', 'symlink'],
    ['folder', 'symlink'],
    ['a.tif', 'exists'],
    ['../new.tif', 'outside'],
    ['../in-side/new.tif', 'outside'],
    ['into/new.tif', 'outside'],
    ['into/sub/new.tif', 'outside'],
    ['ROOT/new.tif', 'outside'],
    ['/tmp/new.tif', 'outside'],
    ['/proc/self/fd/new', 'outside'],
    ['/nowhere/at/all', 'outside'],
  ];
  it.each(refused)('%s is refused: %s', async (path, reason) => {
    const error = await refusal(resolveTarget(at(path), policy(), { overwrite: false }));
    expect(error.reason).toBe(reason);
  });

  it('that exists is admitted to be overwritten, if it is a file', async () => {
    const allowed = { overwrite: true };
    expect(await resolveTarget('a.tif', policy(), allowed)).toBe(join(root, 'in', 'a.tif'));
    for (const [path, reason] of [
      ['alias', 'symlink'],
      ['sub', 'not_a_file'],
    ]) {
      expect((await refusal(resolveTarget(path ?? '', policy(), allowed))).reason).toBe(reason);
    }
  });
});

describe('for any tree of folders and links, and any path', () => {
  /** Some begin like the allowed folder, and some are the same letter written in two ways. */
  const name = fc.constantFrom(
    ...['a', 'b', 'in', 'inside', 'in ', 'out', 'secret', '\u00e9', 'e\u0301', '\uff0e\uff0e'],
  );
  const way = fc
    .array(fc.oneof(name, fc.constantFrom('..', '.', '')), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join(sep));
  const entry = fc.record({
    path: fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(sep)),
    kind: fc.constantFrom('folder', 'file', 'relative link', 'absolute link'),
    to: way,
  });

  /** Makes what can be made; an entry under a file or over another is left out. */
  async function build(
    tree: string,
    entries: readonly { path: string; kind: string; to: string }[],
  ) {
    await mkdir(join(tree, 'in'), { recursive: true });
    await mkdir(join(tree, 'out'));
    await writeFile(join(tree, 'out', 'secret'), 'secret');
    for (const { path, kind, to } of entries) {
      const full = join(tree, path);
      const make = async () => {
        await mkdir(dirname(full), { recursive: true });
        if (kind === 'folder') {
          await mkdir(full);
        } else if (kind === 'file') {
          await writeFile(full, 'x', { flag: 'wx' });
        } else {
          await symlink(kind === 'relative link' ? to : join(tree, to), full);
        }
      };
      await make().catch(() => {});
    }
  }

  it('nothing outside the allowed folder is ever admitted', async () => {
    const home = await mkdtemp(join(root, 'trees-'));
    let admitted = 0;
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { maxLength: 12 }),
        fc.array(fc.tuple(way, fc.constantFrom('', '/', '/in/', '/in/')), {
          minLength: 8,
          maxLength: 8,
        }),
        async (entries, asked) => {
          n += 1;
          const tree = join(home, String(n));
          await build(tree, entries);
          const folder = join(tree, 'in');
          const real = await realpath(folder);
          for (const [path, start] of asked) {
            const full = start === '' ? path : `${tree}${start}${path}`;
            const source = await resolveSource(full, { folders: [folder] }).catch(onlyRefused);
            if (source !== undefined) {
              admitted += 1;
              expect(await realpath(source)).toBe(source);
              expect(source.startsWith(real + sep)).toBe(true);
              expect((await lstat(source)).isFile()).toBe(true);
            }
            const options = { overwrite: path.length % 2 === 0 };
            const target = await resolveTarget(full, { folders: [folder] }, options).catch(
              onlyRefused,
            );
            if (target !== undefined) {
              admitted += 1;
              await writeFile(target, 'written');
              const landed = await realpath(target);
              expect(landed).toBe(target);
              expect(landed.startsWith(real + sep)).toBe(true);
            }
          }
          expect(await readFile(join(tree, 'out', 'secret'), 'utf8')).toBe('secret');
        },
      ),
      { numRuns: 200 },
    );
    expect(admitted).toBeGreaterThan(100);
  });

  function onlyRefused(error: unknown): undefined {
    if (!(error instanceof PathRefused)) {
      throw error;
    }
  }
});
