import { downloadsFolder, uploadsFolder } from '../state_folder.ts';
import {
  bytesIn,
  type FoundJournal,
  findJournals,
} from '../transfer/downloads/download_journal.ts';
import { type FoundSession, SessionFolder } from '../workflows/session_folder.ts';
import { isHeld, isSession } from '../workflows/session_record.ts';
import { listStaged } from './staged_transfers.ts';
import { type TransferEntry, unreadableEntry } from './transfer_entry.ts';

/** All that is noted in a state folder, uploads first. */
export async function listTransfers(stateFolder: string): Promise<TransferEntry[]> {
  return [
    ...(await listSessions(stateFolder)),
    ...(await listStaged(stateFolder)),
    ...(await listDownloads(stateFolder)),
  ];
}

/** Upload sessions of Geopera. */
export async function listSessions(stateFolder: string): Promise<TransferEntry[]> {
  const sessions = new SessionFolder(uploadsFolder(stateFolder));
  const setAside = await sessions.listSetAside();
  return [
    ...(await sessions.list()).map(uploadEntry),
    ...setAside.map((path) => unreadableEntry(path, 'unreadable')),
  ];
}

export async function listDownloads(stateFolder: string): Promise<TransferEntry[]> {
  return (await findJournals(downloadsFolder(stateFolder))).map(downloadEntry);
}

function uploadEntry({ path, owner, life, record }: FoundSession): TransferEntry {
  const awaited = isSession(record) && isHeld(record);
  const state = life !== 'gone' ? life : awaited ? 'awaited' : 'left_behind';
  const pid = life === 'gone' || owner === undefined ? {} : { pid: owner.pid };
  if (record === 'damaged')
    return { ...unreadableEntry(path, life === 'gone' ? 'unreadable' : state), ...pid };
  if (!isSession(record)) return { ...unreadableEntry(path, state), ...pid };
  return {
    id: record.idempotencyKey,
    kind: 'upload',
    state,
    ...pid,
    files: record.files.map(({ name }) => name),
    ...(record.uploadId === undefined ? {} : { upload_id: record.uploadId }),
    project_id: record.projectId,
    api: record.account.api,
    bytes: record.bytes,
    started_at: new Date(record.startedAt).toISOString(),
    record: path,
  };
}

function downloadEntry({ file, owner, state }: FoundJournal): TransferEntry {
  const { target, version, startedAt } = state.head;
  return {
    id: file,
    kind: 'download',
    state: owner === undefined ? 'left_behind' : 'running',
    ...(owner === undefined ? {} : { pid: owner.pid }),
    files: [target],
    bytes: version.total,
    bytes_done: bytesIn(state),
    started_at: new Date(startedAt).toISOString(),
  };
}
