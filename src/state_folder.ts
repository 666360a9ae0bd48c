import { isAbsolute, join } from 'node:path';

/**
 * Where this program keeps what must outlast it, unless it is told: as the XDG Base Directory
 * Specification has it, and in the local application data on Windows.
 *
 * @returns undefined if there is no home to keep it in
 */
export function defaultStateFolder(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  if (platform === 'win32') {
    const local = env['LOCALAPPDATA'] ?? '';
    return isAbsolute(local) ? join(local, 'geopera-mcp', 'state') : undefined;
  }
  const named = env['XDG_STATE_HOME'] ?? '';
  const states = isAbsolute(named) ? named : join(env['HOME'] ?? '', '.local', 'state');
  return isAbsolute(states) ? join(states, 'geopera-mcp') : undefined;
}

/** Folder of upload sessions, one file each. */
export function uploadsFolder(stateFolder: string): string {
  return join(stateFolder, 'uploads');
}

/** Folder of download journals. */
export function downloadsFolder(stateFolder: string): string {
  return join(stateFolder, 'downloads');
}

/** Folder of uploads to other services, one file each. */
export function servicesFolder(stateFolder: string): string {
  return join(stateFolder, 'services');
}
