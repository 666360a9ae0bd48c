import { parse } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface FolderSources {
  /** What the operator allowed; it wins over all else. */
  readonly allowDirs: readonly string[];
  /** The client's roots as URIs; empty if it has none to offer. */
  readonly roots: readonly string[];
  /** Where the server was started. */
  readonly workingDirectory: string;
}

/**
 * The folders whose files calls may touch: the operator's, else the client's roots, else the
 * working directory, but never a whole filesystem that nobody chose.
 */
export function chooseFolders(sources: FolderSources): readonly string[] {
  if (sources.allowDirs.length > 0) return sources.allowDirs;
  const roots = sources.roots.flatMap(localPath);
  if (roots.length > 0) return roots;
  const { workingDirectory } = sources;
  return parse(workingDirectory).root === workingDirectory ? [] : [workingDirectory];
}

function localPath(uri: string): string[] {
  if (!uri.startsWith('file:')) return [];
  try {
    return [fileURLToPath(uri)];
  } catch {
    // A root that names no path on this machine allows nothing here.
    return [];
  }
}
