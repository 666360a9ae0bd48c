import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { targetProblem } from './disk_problem.ts';
import { fileModeByUmask } from './file_mode.ts';
import { publish } from './publish.ts';
import { TransferError } from './transfer_error.ts';

const WRITE_BYTES = 1024 * 1024;
const LONGEST_NAME_BYTES = 255;
const CREATE_FLAGS =
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

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

/** The bytes of a download until they are whole and verified. */
export class PartFile {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #target: string;
  readonly #pending = Buffer.allocUnsafeSlow(WRITE_BYTES);
  #held = 0;
  #written = 0;

  private constructor(file: FileHandle, path: string, target: string) {
    this.#file = file;
    this.#path = path;
    this.#target = target;
  }

  /**
   * Creates the partial file in the target's folder, readable by its owner alone.
   *
   * @throws TransferError `target_unwritable`, `no_space`
   */
  static async create(target: string): Promise<PartFile> {
    const id = randomBytes(6).toString('base64url');
    const path = join(dirname(target), partName(basename(target), id));
    const file = await open(path, CREATE_FLAGS, 0o600).catch((error: unknown) =>
      Promise.reject(targetProblem(error)),
    );
    return new PartFile(file, path, target);
  }

  /** Bytes taken so far, written or still held. */
  get bytes(): number {
    return this.#written + this.#held;
  }

  /** @throws TransferError `no_space` if the folder's disk has less room than that */
  async assertRoomFor(bytes: number): Promise<void> {
    const disk = await statfs(dirname(this.#target)).catch((error: unknown) =>
      Promise.reject(targetProblem(error)),
    );
    // Some network file systems state no sizes at all.
    if (disk.blocks > 0 && disk.bavail * disk.bsize < bytes) {
      throw new TransferError({
        code: 'no_space',
        message: `the target folder's disk has ${disk.bavail * disk.bsize} bytes free; the file has ${bytes}.`,
      });
    }
  }

  /** Empties the file for another attempt. */
  async restart(): Promise<void> {
    this.#held = 0;
    this.#written = 0;
    await this.#guard(this.#file.truncate(0));
  }

  /** Takes bytes; they are copied, and go to disk about 1 MiB at a time. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let taken = 0; taken < bytes.byteLength; ) {
      const piece = bytes.subarray(taken, taken + WRITE_BYTES - this.#held);
      this.#pending.set(piece, this.#held);
      this.#held += piece.byteLength;
      taken += piece.byteLength;
      if (this.#held === WRITE_BYTES) {
        await this.flush();
      }
    }
  }

  /** Writes what is still held. */
  async flush(): Promise<void> {
    const end = this.#held;
    for (let done = 0; done < end; ) {
      const { bytesWritten } = await this.#guard(
        this.#file.write(this.#pending, done, end - done, this.#written),
      );
      done += bytesWritten;
      this.#written += bytesWritten;
    }
    this.#held = 0;
  }

  /**
   * Puts the whole file at its target: on disk first, then its name, then the folder.
   *
   * @throws TransferError `target_exists`, `target_unwritable`, `no_space`
   */
  async publish(overwrite: boolean): Promise<void> {
    await this.#guard(this.#file.chmod(fileModeByUmask()));
    await this.#guard(this.#file.datasync());
    await this.#guard(this.#file.close());
    await this.#guard(publish(this.#path, this.#target, overwrite));
  }

  /** Closes and removes the file. Never throws: the error that led here is the one that counts. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(this.#path, { force: true }).catch(() => {});
  }

  #guard<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => Promise.reject(targetProblem(error, this.bytes)));
  }
}
