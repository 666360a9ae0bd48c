import { link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from '../failures/disk_problem.ts';

/** File systems without hard links (FAT, some network and FUSE mounts) say one of these. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
]);
/** Folders that cannot be opened or synced: nothing more can be done for them. */
const NO_FOLDER_SYNC: ReadonlySet<string | undefined> = new Set([
  'EACCES',
  'EBADF',
  'EINVAL',
  'EISDIR',
  'ENOSYS',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EPERM',
]);

/**
 * Gives a finished partial file its final name in one step. Without `overwrite` a file that is at
 * the target, even one that appeared a moment ago, stays as it is.
 *
 * @throws the system's error; `EEXIST` if the target is taken
 */
export async function publish(part: string, target: string, overwrite: boolean): Promise<void> {
  await (overwrite ? rename(part, target) : nameIfFree(part, target));
  await syncFolder(dirname(target));
}

async function nameIfFree(part: string, target: string): Promise<void> {
  try {
    await link(part, target);
  } catch (error) {
    if (!NO_LINKS.has(errnoOf(error))) {
      throw error;
    }
    await claimAndReplace(part, target);
    return;
  }
  await rm(part);
}

/** Claims the name with an empty file that nobody else can have made, then replaces that. */
async function claimAndReplace(part: string, target: string): Promise<void> {
  const claim = await open(target, 'wx', 0o600);
  await claim.close();
  try {
    await rename(part, target);
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  }
}

/** Makes the names in a folder outlast a power cut, where the file system can. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!NO_FOLDER_SYNC.has(errnoOf(error))) {
      throw error;
    }
  }
}
