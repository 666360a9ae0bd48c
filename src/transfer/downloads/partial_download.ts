import { rm } from 'node:fs/promises';
import { errnoOf } from '../failures/disk_problem.ts';
import { isPartOf, PartFile, partPathFor } from '../files/part_file.ts';
import { DownloadJournal } from './download_journal.ts';
import type { Segment } from './download_journal_format.ts';
import { isPinned, type ObjectVersion } from './object_version.ts';

/** Where a download notes what it has, and by which name a later one finds that. */
export interface ResumeBy {
  /** Folder of journals; made if it is not there. */
  readonly folder: string;
  /** What is downloaded, by names that stay when its URL changes. */
  readonly identity: string;
}

/** A folder of journals that cannot be had: the download goes on without, and cannot be resumed. */
const NO_JOURNAL: ReadonlySet<string | undefined> = new Set([
  'EACCES',
  'ENOENT',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'ENOTDIR',
  'EEXIST',
]);

/** What is on disk of a download: its bytes, and the journal that says which of them. */
export class PartialDownload {
  readonly #target: string;
  readonly #identity: string;
  readonly #startedAt: number;
  #journal: DownloadJournal | undefined;
  #part: PartFile | undefined;
  #version: ObjectVersion | undefined;
  #segments: Segment[] = [];
  #unnoted: Segment[] = [];

  private constructor(target: string, resume: ResumeBy | undefined, now: number) {
    this.#target = target;
    this.#identity = resume?.identity ?? '';
    this.#startedAt = now;
  }

  /** Takes up what an earlier download of the same thing left, as far as it can be gone on with. */
  static async open(
    target: string,
    resume: ResumeBy | undefined,
    now: number,
  ): Promise<PartialDownload> {
    const partial = new PartialDownload(target, resume, now);
    if (resume !== undefined) {
      partial.#journal = await DownloadJournal.create(resume.folder, resume.identity, target);
      await partial.#noting((journal) => partial.#takeOver(journal));
    }
    return partial;
  }

  /** The version that {@link PartialDownload.segments} are of; undefined before any is known. */
  get version(): ObjectVersion | undefined {
    return this.#version;
  }

  /** What is on disk, apart from each other. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** @throws Error before {@link PartialDownload.begin} */
  get part(): PartFile {
    if (this.#part === undefined) throw new Error('the partial file was not begun');
    return this.#part;
  }

  /**
   * Begins with no bytes, also after others: of one version, or of an object that states none and so
   * cannot be resumed.
   *
   * @param bytes its size, if it is known
   * @throws TransferError `target_unwritable`, `no_space`
   */
  async begin(version: ObjectVersion | undefined, bytes = 0): Promise<void> {
    this.startOver();
    this.#version = version;
    // Never the old file emptied: on another host someone may have taken it over, and given it its name.
    await this.#part?.discard();
    this.#part = undefined;
    const path = partPathFor(this.#target);
    // First the journal: whatever is in the target's folder is known to it.
    await this.#note(path, { total: bytes, ...version });
    this.#part = await PartFile.create(path, this.#target);
    await this.#part.restart(bytes);
  }

  /** Forgets what came: another version is to follow, or the same once more. */
  startOver(): void {
    this.#version = undefined;
    this.#segments = [];
    this.#unnoted = [];
  }

  /** Takes a segment whose bytes were written. */
  add(segment: Segment): void {
    this.#segments.push(segment);
    this.#unnoted.push(segment);
  }

  /** Makes what was added so far outlast this process and this machine's power. */
  async checkpoint(): Promise<void> {
    const segments = this.#unnoted;
    if (this.#journal === undefined || segments.length === 0) return;
    this.#unnoted = [];
    await this.part.sync();
    await this.#journal.append(segments).catch((error: unknown) => {
      // On a full disk, for one: these bytes may have to come again, those noted before need not.
      if (!NO_JOURNAL.has(errnoOf(error))) throw error;
    });
  }

  /** Puts the file at its target; nothing of the download is left beside it. */
  async publish(overwrite: boolean): Promise<void> {
    // Should it not get its name, another try has all of it.
    await this.checkpoint();
    await this.part.publish(overwrite);
    await this.#noting((journal) => journal.remove());
  }

  /** Leaves the bytes to whoever asks for the same file next, if that is possible. */
  async leave(): Promise<boolean> {
    const resumable =
      this.#journal !== undefined &&
      this.#part !== undefined &&
      this.#segments.length > 0 &&
      this.#version !== undefined &&
      isPinned(this.#version);
    if (!resumable) {
      await this.discard();
      return false;
    }
    // Bytes that cannot be brought to disk any more are not noted; those noted before are there.
    await this.checkpoint().catch(() => {});
    await this.#part?.close();
    await this.#noting((journal) => journal.leave());
    return true;
  }

  /** Removes all of it. Never throws: the error that led here is the one that counts. */
  async discard(): Promise<void> {
    await this.#part?.discard();
    await this.#journal?.remove().catch(() => {});
  }

  async #takeOver(journal: DownloadJournal): Promise<void> {
    const left = await journal.takeOver();
    if (left === undefined) return;
    const { part, version } = left.head;
    const file = isPinned(version)
      ? await PartFile.reopen(part, this.#target, version.total)
      : undefined;
    if (file === undefined) {
      if (isPartOf(part, this.#target)) await rm(part, { force: true });
      await journal.remove();
      return;
    }
    this.#part = file;
    this.#version = version;
    this.#segments = [...left.segments];
    await this.#note(part, version);
  }

  async #note(part: string, version: ObjectVersion): Promise<void> {
    const head = {
      identity: this.#identity,
      target: this.#target,
      part,
      version,
      startedAt: this.#startedAt,
    };
    await this.#noting((journal) => journal.begin(head, this.#segments));
  }

  /** A journal that cannot be written is no reason not to download. */
  async #noting(work: (journal: DownloadJournal) => Promise<void>): Promise<void> {
    if (this.#journal === undefined) return;
    try {
      await work(this.#journal);
    } catch (error) {
      if (!NO_JOURNAL.has(errnoOf(error))) throw error;
      this.#journal = undefined;
    }
  }
}
