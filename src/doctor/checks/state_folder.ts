import { type Found, fault, ok, warning } from '../finding.ts';
import type { Patient } from '../patient.ts';
import { folderAccess, nearestFolder } from './folder_access.ts';

const NAME_ONE = 'Name a folder that can be written: --state-dir (GEOPERA_STATE_DIR).';
const COST = 'after a crash, reservations of uploads stay and downloads start anew';

/** Whether transfers that are under way can be noted, so that nothing is lost after a crash. */
export async function checkStateFolder({ stateDir }: Patient): Promise<Found[]> {
  if (stateDir === undefined) {
    return [warning(`there is none, as no home folder is known: ${COST}`, NAME_ONE)];
  }
  const there = await nearestFolder(stateDir);
  const { kind, readable, writable } = await folderAccess(there);
  const facts = { folder: stateDir, exists: there === stateDir && kind === 'folder' };
  if (kind !== 'folder') {
    return [
      fault(`${stateDir} cannot be used, as ${there} is no folder to look into`, NAME_ONE, {
        facts,
      }),
    ];
  }
  if (!writable || !readable) {
    return [fault(`${there} cannot be written: ${COST}`, NAME_ONE, { facts })];
  }
  const words = there === stateDir ? 'can be written' : 'will be made when it is needed';
  return [ok(`${stateDir} ${words}`, { facts })];
}
