import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeCacheFile, readCodeCache, writeCodeCache } from '../../../src/launcher/code_cache.ts';

let folder: string;
let bundle: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'code-cache-'));
  bundle = join(folder, 'server.cjs');
  writeFileSync(bundle, 'one');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('where bytecode is kept', () => {
  it.each([
    ['the XDG folder', { XDG_CACHE_HOME: '/xdg', HOME: '/home/me' }, '/xdg/geopera-mcp'],
    ['the home folder', { HOME: '/home/me' }, '/home/me/.cache/geopera-mcp'],
    ['home if XDG is relative', { XDG_CACHE_HOME: 'x', HOME: '/h' }, '/h/.cache/geopera-mcp'],
    ['nowhere without a home', {}, undefined],
    ['nowhere if switched off', { HOME: '/h', NODE_DISABLE_COMPILE_CACHE: '1' }, undefined],
  ])('%s', (_, env, expected) => {
    const file = codeCacheFile(bundle, 'digest', env);
    expect(file === undefined ? undefined : dirname(file)).toBe(expected);
  });

  it('has another name for another build, and for a bundle changed on disk', () => {
    const env = { HOME: folder };
    const first = codeCacheFile(bundle, 'a', env);
    expect(codeCacheFile(bundle, 'a', env)).toBe(first);
    expect(codeCacheFile(bundle, 'b', env)).not.toBe(first);
    utimesSync(bundle, 1, 1);
    expect(codeCacheFile(bundle, 'a', env)).not.toBe(first);
  });
});

describe('kept bytecode', () => {
  const bytecode = Buffer.from('bytecode');

  it('comes back as it was, readable by its owner alone', () => {
    const file = join(folder, 'new', 'a.bytecode');
    expect(writeCodeCache(file, bytecode)).toBe(true);
    expect(readCodeCache(file)).toEqual(bytecode);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(file))).toEqual(['a.bytecode']);
  });

  it('is not trusted if others could have written it', () => {
    const file = join(folder, 'a.bytecode');
    writeCodeCache(file, bytecode);
    chmodSync(file, 0o620);
    expect(readCodeCache(file)).toBeUndefined();
  });

  it('is optional: a missing file and a place that cannot be written are no errors', () => {
    expect(readCodeCache(join(folder, 'none'))).toBeUndefined();
    expect(writeCodeCache(join(bundle, 'below-a-file', 'a'), bytecode)).toBe(false);
  });

  it('does not grow without end: the oldest go', () => {
    const caches = join(folder, 'caches');
    mkdirSync(caches);
    for (let i = 0; i < 9; i++) {
      writeFileSync(join(caches, `old-${i}`), '');
      utimesSync(join(caches, `old-${i}`), i + 1, i + 1);
    }
    writeCodeCache(join(caches, 'new'), bytecode);
    expect(readdirSync(caches).sort()).toEqual([
      'new',
      ...[2, 3, 4, 5, 6, 7, 8].map((i) => `old-${i}`),
    ]);
  });
});
