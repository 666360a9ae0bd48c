import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { targetProblem } from '../failures/disk_problem.ts';
import { TransferError } from '../failures/transfer_error.ts';
import { fileModeByUmask } from './file_mode.ts';
import { publish } from './publish.ts';

const LONGEST_NAME_BYTES = 255;
const CREATE_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const REOPEN_FLAGS = constants.O_RDWR | constants.O_NOFOLLOW;

/**
 * The name of the partial file of a target: hidden, beside it, and no longer than a name may be.
 *
 * @param id eight characters that no other transfer has
 */
export function partName(targetName: string, id: string): string {
  const room = LONGEST_NAME_BYTES - Buffer.byteLength(`..${id}.part`);
  const bytes = Buffer.from(targetName).subarray(0, room);
  // A character cut in two decodes to U+FFFD, which is dropped.
  const base = bytes.toString('utf8').replace(/\uFFFD+$/, '');
  return `.${base}.${id}.part`;
}

/** A free path for the partial file of a target. */
export function partPathFor(target: string): string {
  const id = randomBytes(6).toString('base64url');
  return join(dirname(target), partName(basename(target), id));
}

/** Whether a path can be that of a partial file of the target: nothing else is ever taken for one. */
export function isPartOf(path: string, target: string): boolean {
  return dirname(path) === dirname(target) && /^\..*\.[\w-]{8}\.part$/s.test(basename(path));
}

/** @throws TransferError `no_space` if the disk of the target's folder has less room than that */
export async function assertRoomFor(bytes: number, target: string): Promise<void> {
  const disk = await statfs(dirname(target)).catch((error: unknown) =>
    Promise.reject(targetProblem(error)),
  );
  // Some network file systems state no sizes at all.
  if (disk.blocks > 0 && disk.bavail * disk.bsize < bytes) {
    throw new TransferError({
      code: 'no_space',
      message: `the target folder's disk has ${disk.bavail * disk.bsize} bytes free; ${bytes} are still to come.`,
    });
  }
}

/** The bytes of a download until they are whole and verified; written at any place, by several. */
export class PartFile {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #target: string;

  private constructor(file: FileHandle, path: string, target: string) {
    this.#file = file;
    this.#path = path;
    this.#target = target;
  }

  /**
   * Creates the partial file, readable by its owner alone.
   *
   * @throws TransferError `target_unwritable`, `no_space`
   */
  static async create(path: string, target: string): Promise<PartFile> {
    const file = await open(path, CREATE_FLAGS, 0o600).catch((error: unknown) =>
      Promise.reject(targetProblem(error)),
    );
    return new PartFile(file, path, target);
  }

  /** Opens one that was left behind; undefined if it is not there, or not as it was left. */
  static async reopen(path: string, target: string, bytes: number): Promise<PartFile | undefined> {
    if (!isPartOf(path, target)) return undefined;
    const file = await open(path, REOPEN_FLAGS).catch(() => undefined);
    const found = await file?.stat();
    if (file === undefined || found === undefined) return undefined;
    if (found.isFile() && found.nlink === 1 && found.size === bytes) {
      return new PartFile(file, path, target);
    }
    await file.close();
    return undefined;
  }

  /** Empties the file and gives it its size; the disk gives the room only as bytes come. */
  async restart(bytes: number): Promise<void> {
    await this.#guard(this.#file.truncate(0));
    await this.#guard(this.#file.truncate(bytes));
  }

  /** Cuts the file to what came, where its length was not known beforehand. */
  async cutTo(bytes: number): Promise<void> {
    await this.#guard(this.#file.truncate(bytes));
  }

  /** Writes all of it at a place of its own. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.byteLength; ) {
      const { bytesWritten } = await this.#guard(
        this.#file.write(bytes, done, bytes.byteLength - done, position + done),
      );
      done += bytesWritten;
    }
  }

  /** Reads what was written, in order, a piece at a time into the memory given. */
  async *read(memory: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
    for (let position = 0; ; ) {
      const { bytesRead } = await this.#guard(
        this.#file.read(memory, 0, memory.byteLength, position),
      );
      if (bytesRead === 0) return;
      yield memory.subarray(0, bytesRead);
      position += bytesRead;
    }
  }

  /** Resolves when all that was written is on disk. */
  async sync(): Promise<void> {
    await this.#guard(this.#file.datasync());
  }

  /**
   * Puts the whole file at its target: on disk first, then its name, then the folder.
   *
   * @throws TransferError `target_exists`, `target_unwritable`, `no_space`
   */
  async publish(overwrite: boolean): Promise<void> {
    await this.#guard(this.#file.chmod(fileModeByUmask()));
    await this.sync();
    await this.close();
    await this.#guard(publish(this.#path, this.#target, overwrite));
  }

  async close(): Promise<void> {
    await this.#guard(this.#file.close());
  }

  /** Closes and removes the file. Never throws: the error that led here is the one that counts. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(this.#path, { force: true }).catch(() => {});
  }

  #guard<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => Promise.reject(targetProblem(error)));
  }
}
