import { parse } from 'node:path';
import { type Found, fault, ok, warning } from '../finding.ts';
import type { Patient } from '../patient.ts';
import { type FolderAccess, folderAccess } from './folder_access.ts';

const ELSE = 'Name the folders with your files: --allow-dir (GEOPERA_ALLOW_DIRS).';

/** What keeps a folder from being one whose files are read and written at all. */
const UNUSABLE: Readonly<Record<Exclude<FolderAccess['kind'], 'folder'>, string>> = {
  missing: 'does not exist',
  other: 'is no folder',
  hidden: 'cannot be looked at by the user that this program runs as',
};

/** Whether the folders that are allowed can be read and written. */
export async function checkFolders({ allowDirs, workingDirectory }: Patient): Promise<Found[]> {
  if (allowDirs.length > 0) return Promise.all(allowDirs.map(checkFolder));
  const roots = "none is named, so a client's own folders (its roots) are used";
  if (parse(workingDirectory).root === workingDirectory) {
    const found = `${roots}; a client without roots can touch no file, as this program runs in ${workingDirectory}`;
    return [warning(found, ELSE)];
  }
  return [ok(`${roots}, or ${workingDirectory} where it has none; over HTTP none is`)];
}

async function checkFolder(folder: string): Promise<Found> {
  const { kind, readable, writable } = await folderAccess(folder);
  const facts = { folder, exists: kind === 'folder', readable, writable };
  if (kind !== 'folder') {
    const advice = 'Make the folder, or correct --allow-dir (GEOPERA_ALLOW_DIRS).';
    return fault(`${folder} ${UNUSABLE[kind]}`, advice, { facts });
  }
  const user = 'to the user that this program runs as';
  if (!readable) {
    return fault(`${folder} cannot be read`, `Give read access to it ${user}.`, { facts });
  }
  if (!writable) {
    const advice = `Give write access to it ${user}, if downloads are to go there.`;
    return warning(`${folder} can be read, but not written`, advice, { facts });
  }
  return ok(`${folder} can be read and written`, { facts });
}
