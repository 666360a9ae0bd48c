import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/** Bytecode files kept at most, one for each build and Node version in use; about 0.4 MB each. */
const KEEP = 8;

/**
 * Where the bytecode of `bundle` is kept: a name that changes with the build, the file on disk,
 * Node and the processor.
 *
 * @param digest - identifies the build that made `bundle`
 * @returns undefined if `NODE_DISABLE_COMPILE_CACHE` is set or there is no home to keep it in
 */
export function codeCacheFile(
  bundle: string,
  digest: string,
  env: NodeJS.ProcessEnv,
): string | undefined {
  const home = env['HOME'] ?? env['USERPROFILE'] ?? '';
  const named = env['XDG_CACHE_HOME'] ?? '';
  const caches = isAbsolute(named) ? named : join(home, '.cache');
  if (!isAbsolute(caches) || env['NODE_DISABLE_COMPILE_CACHE']) return undefined;
  const { size, mtimeMs } = statSync(bundle);
  const name = [digest, size, Math.trunc(mtimeMs), process.version, process.arch].join('-');
  return join(caches, 'geopera-mcp', `${name}.bytecode`);
}

/** The kept bytecode; undefined if there is none, or if someone else could have written it. */
export function readCodeCache(file: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const { uid, mode } = fstatSync(descriptor);
    const ours = uid === (process.getuid?.() ?? uid) && (mode & 0o022) === 0;
    return ours ? readFileSync(descriptor) : undefined;
  } catch {
    return undefined; // no bytecode: V8 compiles the source, as it would without this file
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * Keeps bytecode for the next start, whole or not at all, and drops what has grown old.
 *
 * @returns whether it was kept: a read-only or full disk costs start-up time alone
 */
export function writeCodeCache(file: string, bytecode: Buffer): boolean {
  const folder = dirname(file);
  const partial = `${file}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(partial, bytecode, { mode: 0o600 });
    renameSync(partial, file);
    dropOldest(folder);
    return true;
  } catch {
    return false;
  }
}

function dropOldest(folder: string): void {
  const files = readdirSync(folder).map((name) => {
    const path = join(folder, name);
    return { path, age: -statSync(path).mtimeMs };
  });
  files.sort((a, b) => a.age - b.age);
  for (const { path } of files.slice(KEEP)) rmSync(path, { force: true });
}
