import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What may be done with a folder: what cannot be looked at may not be. */
export interface FolderAccess {
  readonly kind: 'folder' | 'other' | 'missing' | 'hidden';
  readonly readable: boolean;
  readonly writable: boolean;
}

export async function folderAccess(path: string): Promise<FolderAccess> {
  const kind = await kindOf(path);
  if (kind !== 'folder') return { kind, readable: false, writable: false };
  return {
    kind,
    readable: await may(path, constants.R_OK | constants.X_OK),
    writable: await may(path, constants.W_OK | constants.X_OK),
  };
}

/** The folder itself, or the closest one above it that exists. */
export async function nearestFolder(path: string): Promise<string> {
  const parent = dirname(path);
  if (parent === path || (await kindOf(path)) !== 'missing') return path;
  return nearestFolder(parent);
}

async function kindOf(path: string): Promise<FolderAccess['kind']> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'other';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOTDIR') return 'other';
    return code === 'ENOENT' ? 'missing' : 'hidden';
  }
}

async function may(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}
