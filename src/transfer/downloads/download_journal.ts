import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../failures/disk_problem.ts';
import { isPartOf } from '../files/part_file.ts';
import { isRunning, ownIdentity, type ProcessIdentity } from '../files/process_identity.ts';
import {
  type JournalHead,
  type JournalState,
  readJournal,
  type Segment,
  writeHead,
  writeSegments,
} from './download_journal_format.ts';

/** `<key>.<pid>-<start>.<random>.jsonl`, or `left` for who writes it: nobody any more. */
const NAME = /^([\w-]{16})\.(?:(\d{1,10})-(\d{0,20})|left)\.[\w-]{8}\.jsonl$/;

/** Ends the name of a journal that has not got its own yet; of no use to anyone but its writer. */
const HALF_WRITTEN = '.new';

/** A journal as it lies in its folder. */
export interface FoundJournal {
  /** Its name in the folder. */
  readonly file: string;
  /** The running process that writes it; undefined if it was left behind. */
  readonly owner: ProcessIdentity | undefined;
  readonly state: JournalState;
}

/** The same for every attempt at one file for one target, and for nothing else. */
function keyOf(identity: string, target: string): string {
  const hash = createHash('sha256').update(JSON.stringify([identity, target]));
  return hash.digest('base64url').slice(0, 16);
}

function nameFor(key: string, owner: ProcessIdentity | undefined): string {
  const who = owner === undefined ? 'left' : `${owner.pid}-${owner.started ?? ''}`;
  return `${key}.${who}.${randomBytes(6).toString('base64url')}.jsonl`;
}

/**
 * What is on disk of one download, so that a later process can go on with it.
 *
 * The owner stands in the file's name, so taking over a dead owner's journal is one rename that
 * only one process can win, and no lock is left to go stale.
 */
export class DownloadJournal {
  readonly #folder: string;
  readonly #key: string;
  #path: string;
  #file: FileHandle | undefined;

  private constructor(folder: string, key: string, owner: ProcessIdentity) {
    this.#folder = folder;
    this.#key = key;
    this.#path = join(folder, nameFor(key, owner));
  }

  /** A journal for one download; there is no file of it until {@link DownloadJournal.begin}. */
  static async create(folder: string, identity: string, target: string): Promise<DownloadJournal> {
    return new DownloadJournal(folder, keyOf(identity, target), await ownIdentity());
  }

  /** Takes over the furthest journal that was left behind of the same download, if there is one. */
  async takeOver(): Promise<JournalState | undefined> {
    await dropHalfWritten(this.#folder);
    const left = (await findJournals(this.#folder, this.#key)).filter(({ owner }) => !owner);
    for (const { file, state } of left.sort((a, b) => bytesIn(b.state) - bytesIn(a.state))) {
      if (await renamed(join(this.#folder, file), this.#path)) return state;
    }
    return undefined;
  }

  /** Starts the journal, or starts it over; at no moment is there half a one. */
  async begin(head: JournalHead, segments: readonly Segment[] = []): Promise<void> {
    await this.#file?.close();
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const fresh = `${this.#path}${HALF_WRITTEN}`;
    this.#file = await open(fresh, 'w', 0o600);
    await this.#file.appendFile(writeHead(head) + writeSegments(segments));
    await this.#file.datasync();
    await rename(fresh, this.#path);
  }

  /** Call it only for bytes that are on disk. */
  async append(segments: readonly Segment[]): Promise<void> {
    await this.#file?.appendFile(writeSegments(segments));
  }

  /** Leaves it for whoever asks for the same download next. */
  async leave(): Promise<void> {
    await this.#close();
    const path = join(this.#folder, nameFor(this.#key, undefined));
    if (await renamed(this.#path, path)) this.#path = path;
  }

  async remove(): Promise<void> {
    await this.#close();
    await rm(this.#path, { force: true });
  }

  async #close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}

/** How much of the file a journal holds. */
export function bytesIn({ segments }: JournalState): number {
  return segments.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** The journals in a folder that can be read; none if there is no such folder. */
export async function findJournals(folder: string, key?: string): Promise<FoundJournal[]> {
  const found: FoundJournal[] = [];
  for (const file of await filesIn(folder)) {
    const [, itsKey, pid, started] = NAME.exec(file) ?? [];
    if (itsKey === undefined || (key !== undefined && key !== itsKey)) continue;
    // One that another process took over or finished a moment ago is not there any more.
    const text = await readFile(join(folder, file), 'utf8').catch(() => '');
    const state = readJournal(text);
    if (state !== undefined) found.push({ file, owner: await runningOwner(pid, started), state });
  }
  return found;
}

/** Removes what processes that are gone were just about to write. */
async function dropHalfWritten(folder: string): Promise<void> {
  for (const file of await filesIn(folder)) {
    if (!file.endsWith(HALF_WRITTEN)) continue;
    const [name, , pid, started] = NAME.exec(file.slice(0, -HALF_WRITTEN.length)) ?? [];
    if (name !== undefined && (await runningOwner(pid, started)) === undefined) {
      await rm(join(folder, file), { force: true });
    }
  }
}

async function runningOwner(
  pid: string | undefined,
  started: string | undefined,
): Promise<ProcessIdentity | undefined> {
  if (pid === undefined) return undefined;
  const owner = { pid: Number(pid), ...(started ? { started } : {}) };
  return (await isRunning(owner)) ? owner : undefined;
}

/**
 * Removes what was left behind of a download: its bytes, then its journal. One that another process
 * has taken over since the look is not touched.
 */
export async function removeLeftDownload(
  folder: string,
  { file, state }: FoundJournal,
): Promise<void> {
  const { part, target } = state.head;
  const key = keyOf(state.head.identity, target);
  const claimed = join(folder, nameFor(key, await ownIdentity()));
  if (!(await renamed(join(folder, file), claimed))) return;
  try {
    if (isPartOf(part, target)) await rm(part, { force: true });
  } catch (error) {
    await rename(claimed, join(folder, file));
    throw error;
  }
  await rm(claimed, { force: true });
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** False if another process was faster. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
