import { downloadsFolder, uploadsFolder } from '../state_folder.ts';
import {
  bytesIn,
  type FoundJournal,
  findJournals,
} from '../transfer/downloads/download_journal.ts';
import { type FoundSession, SessionFolder } from '../workflows/session_folder.ts';
import { isHeld, isSession } from '../workflows/session_record.ts';

/** One transfer as it is told to users and programs. */
export interface TransferEntry {
  /** Same for the same transfer from one look to the next. */
  readonly id: string;
  readonly kind: 'upload' | 'download';
  /**
   * `elsewhere`: by a process of another host. `awaited`: by nobody, but its files may still come by
   * upload links. `unreadable`: what its record says is not known.
   */
  readonly state: 'running' | 'elsewhere' | 'awaited' | 'left_behind' | 'unreadable';
  readonly pid?: number;
  /** Names of the files that are uploaded, the path that is written, or that of the record. */
  readonly files: readonly string[];
  readonly upload_id?: string;
  readonly project_id?: string;
  /** Address of the API, or the folder of a sandbox. */
  readonly api?: string;
  readonly bytes?: number;
  readonly bytes_done?: number;
  readonly started_at?: string;
  /** File that notes an upload. */
  readonly record?: string;
}

/** What `clean` did with one transfer; `reason` says why it is not clean. */
export interface CleanedTransfer extends TransferEntry {
  /** Of an upload session that is not open any more. */
  readonly outcome?: 'released' | 'over' | 'unfindable';
  readonly reason?: string;
}

/** All that is noted in a state folder, uploads first. */
export async function listTransfers(stateFolder: string): Promise<TransferEntry[]> {
  const sessions = new SessionFolder(uploadsFolder(stateFolder));
  const journals = await findJournals(downloadsFolder(stateFolder));
  const setAside = await sessions.listSetAside();
  return [
    ...(await sessions.list()).map(uploadEntry),
    ...setAside.map((path) => unreadable(path, 'unreadable')),
    ...journals.map(downloadEntry),
  ];
}

function uploadEntry({ path, owner, life, record }: FoundSession): TransferEntry {
  const awaited = isSession(record) && isHeld(record);
  const state = life !== 'gone' ? life : awaited ? 'awaited' : 'left_behind';
  const pid = life === 'gone' || owner === undefined ? {} : { pid: owner.pid };
  if (record === 'damaged')
    return { ...unreadable(path, life === 'gone' ? 'unreadable' : state), ...pid };
  if (!isSession(record)) return { ...unreadable(path, state), ...pid };
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

function unreadable(path: string, state: TransferEntry['state']): TransferEntry {
  return { id: path, kind: 'upload', state, files: [path], record: path };
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
