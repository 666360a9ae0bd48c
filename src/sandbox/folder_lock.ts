import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isRunning,
  ownIdentity,
  type ProcessIdentity,
  processIdentitySchema,
} from '../transfer/files/process_identity.ts';
import { errnoOf } from './errno.ts';

/** Another sandbox runs in the folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';

  /** @param pid nothing where the lock does not say whose it is */
  constructor(folder: string, lock: string, pid: number | undefined) {
    const holder = pid === undefined ? 'a process that its lock does not name' : `process ${pid}`;
    super(
      `The folder ${folder} is in use by another sandbox, ${holder}. Use another folder, or end that sandbox first; if none runs, remove ${lock}.`,
    );
  }
}

/**
 * Takes the folder for this process alone, until the function that it answers is called. A lock
 * whose process is gone is taken over. Knows the processes of one machine, not those of another one
 * or of another container that share the folder.
 *
 * @throws FolderInUseError
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const lock = join(folder, 'sandbox.lock');
  const unlock = () => rm(lock, { force: true });
  if (await claim(lock)) return unlock;
  await refuseIfHeld(folder, lock);
  // One at a time takes over, or the second would remove what the first has just made.
  const takeover = `${lock}.takeover`;
  if (!(await claim(takeover))) throw new FolderInUseError(folder, takeover, await pidIn(takeover));
  try {
    await refuseIfHeld(folder, lock);
    await unlock();
    if (await claim(lock)) return unlock;
    throw new FolderInUseError(folder, lock, await pidIn(lock));
  } finally {
    await rm(takeover, { force: true });
  }
}

/** Makes the file with this process in it; false if it is there already. */
async function claim(path: string): Promise<boolean> {
  const identity = JSON.stringify(await ownIdentity());
  try {
    await writeFile(path, identity, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function refuseIfHeld(folder: string, lock: string): Promise<void> {
  const holder = await holderOf(lock);
  if (holder === 'nobody') return;
  if (holder === 'unnamed') throw new FolderInUseError(folder, lock, undefined);
  if (await isRunning(holder)) throw new FolderInUseError(folder, lock, holder.pid);
}

async function pidIn(lock: string): Promise<number | undefined> {
  const holder = await holderOf(lock);
  return typeof holder === 'string' ? undefined : holder.pid;
}

async function holderOf(lock: string): Promise<ProcessIdentity | 'nobody' | 'unnamed'> {
  try {
    const holder = processIdentitySchema.safeParse(JSON.parse(await readFile(lock, 'utf8')));
    return holder.success ? holder.data : 'unnamed';
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 'nobody';
    // Its maker is still writing it, or ended before it did.
    if (error instanceof SyntaxError) return 'unnamed';
    throw error;
  }
}
