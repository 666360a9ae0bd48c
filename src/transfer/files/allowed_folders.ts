import type { Stats } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { errnoOf } from '../failures/disk_problem.ts';
import { redactText } from '../urls/redact_url.ts';

/** Which folders files may be read from and written to. */
export interface AllowedFolders {
  /** Relative paths start in the first. A folder that does not exist allows nothing. */
  readonly folders: readonly string[];
}

export type PathRefusal =
  | 'invalid'
  | 'outside'
  | 'missing'
  | 'parent_missing'
  | 'not_a_file'
  | 'symlink'
  | 'exists'
  | 'unreadable';

/** A path that the policy does not admit. The message names the path and the allowed folders. */
export class PathRefused extends Error {
  override readonly name = 'PathRefused';
  readonly reason: PathRefusal;
  readonly allowed: readonly string[];

  constructor(reason: PathRefusal, asked: string, why: string, allowed: readonly string[]) {
    const folders = allowed.length === 0 ? 'none' : allowed.join(', ');
    // The shell's shorthand is the commonest reason for a path that does not exist.
    const hint = asked.startsWith('~') ? ' "~" is not expanded: write the path out.' : '';
    super(`'${redactText(asked)}' ${why}.${hint} Allowed folders: ${folders}.`);
    this.reason = reason;
    this.allowed = allowed;
  }
}

const LONGEST_PATH = 4096;
const LONGEST_NAME_BYTES = 255;
/** Their "regular files" are doors into the kernel and into other processes. */
const KERNEL_FOLDERS = ['/proc', '/sys'];
const ENDS_AS_FOLDER = /(^|[/\\])(\.{1,2})?$/;

/** What a failed `realpath` means, by errno. */
const UNRESOLVED: ReadonlyMap<string, PathRefusal> = new Map<string, PathRefusal>([
  ['ENOENT', 'missing'],
  ['ENOTDIR', 'missing'],
  ['EACCES', 'unreadable'],
  ['EPERM', 'unreadable'],
]);
const MISSING_WORDS = {
  missing: 'does not exist',
  parent_missing: 'is not in a folder that exists',
} as const;

/** The real path of the closest parent that can be resolved; the root always can. */
async function nearestReal(folder: string): Promise<string> {
  return realpath(folder).catch(() => nearestReal(dirname(folder)));
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** One path that a caller asked for, and the folders it is judged by. */
class AskedPath {
  /** Absolute, `.` and `..` taken away, links not yet followed. */
  readonly path: string;
  readonly #asked: string;
  readonly #folders: readonly string[];

  constructor(asked: string, { folders }: AllowedFolders) {
    this.#asked = asked;
    this.#folders = folders;
    const [first] = folders;
    if (first === undefined) {
      throw this.refused('outside', 'is not in an allowed folder');
    }
    if (asked === '' || asked.includes('\0') || asked.length > LONGEST_PATH) {
      throw this.refused('invalid', 'is not a path: empty, too long, or with a NUL in it');
    }
    this.path = resolve(first, asked);
  }

  refused(reason: PathRefusal, why: string): PathRefused {
    return new PathRefused(reason, this.#asked, why, this.#folders);
  }

  /**
   * Follows every link of a path and admits it only inside an allowed folder. What lies outside is
   * refused in the same words whether or not it exists.
   */
  async realInside(path: string, ifMissing: 'missing' | 'parent_missing'): Promise<string> {
    let failure: string | undefined;
    const real = await realpath(path).catch((error: unknown) => {
      failure = errnoOf(error) ?? 'unknown';
      return nearestReal(dirname(path));
    });
    if (!(await this.#admits(real))) {
      throw this.refused('outside', 'is not in an allowed folder');
    }
    if (failure === undefined) {
      return real;
    }
    const reason = UNRESOLVED.get(failure) ?? 'invalid';
    throw reason === 'missing'
      ? this.refused(ifMissing, MISSING_WORDS[ifMissing])
      : this.refused(reason, `could not be resolved (${failure})`);
  }

  async #admits(real: string): Promise<boolean> {
    if (KERNEL_FOLDERS.some((folder) => isInside(real, folder))) {
      return false;
    }
    const allowed = await Promise.all(
      this.#folders.map((folder) => realpath(folder).catch(() => undefined)),
    );
    return allowed.some((folder) => folder !== undefined && isInside(real, folder));
  }
}

/**
 * Finds the real path of an existing regular file inside the allowed folders.
 *
 * @throws PathRefused
 */
export async function resolveSource(path: string, policy: AllowedFolders): Promise<string> {
  const asked = new AskedPath(path, policy);
  const real = await asked.realInside(asked.path, 'missing');
  if ((await entryAt(real))?.isFile() !== true) {
    throw asked.refused('not_a_file', 'is not a regular file');
  }
  return real;
}

/**
 * Finds the real path for a file to be written inside the allowed folders: the real path of its
 * parent folder, and a name in it that is free or, with `overwrite`, a regular file.
 *
 * @throws PathRefused
 */
export async function resolveTarget(
  path: string,
  policy: AllowedFolders,
  options: { readonly overwrite: boolean },
): Promise<string> {
  const asked = new AskedPath(path, policy);
  const name = basename(asked.path);
  if (ENDS_AS_FOLDER.test(path)) {
    throw asked.refused('invalid', 'names a folder; a file name is needed');
  }
  if (Buffer.byteLength(name) > LONGEST_NAME_BYTES) {
    throw asked.refused('invalid', `has a name of more than ${LONGEST_NAME_BYTES} bytes`);
  }
  const parent = await asked.realInside(dirname(asked.path), 'parent_missing');
  if (!(await stat(parent)).isDirectory()) {
    throw asked.refused('parent_missing', 'is not in a folder that exists');
  }
  const real = join(parent, name);
  const occupant = await entryAt(real);
  if (occupant?.isSymbolicLink() === true) {
    throw asked.refused('symlink', 'is a symbolic link, which is never written through');
  }
  if (occupant?.isFile() === false) {
    throw asked.refused('not_a_file', 'is there already and is not a regular file');
  }
  if (occupant !== undefined && !options.overwrite) {
    throw asked.refused('exists', 'exists, and overwriting was not asked for');
  }
  return real;
}

/** What stands at a path, links not followed; undefined for nothing. */
async function entryAt(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
