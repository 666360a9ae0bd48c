import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { sourceProblem } from '../failures/disk_problem.ts';
import { TransferError } from '../failures/transfer_error.ts';
import {
  CHUNK_BYTES,
  EARLY_ANSWER_FROM_BYTES,
  FIRST_CHUNK_BYTES,
  type SourceRange,
  type UploadSource,
} from '../sources/upload_source.ts';

const CHECK_EVERY_BYTES = 64 * 1024 * 1024;
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** What makes a file the same file, in the order in which a difference is reported. */
const IDENTITY = [
  { field: 'dev', words: 'it is on another device' },
  { field: 'ino', words: 'another file took its place' },
  { field: 'size', words: 'its size is another' },
  { field: 'mtimeNs', words: 'it was written to' },
  { field: 'ctimeNs', words: 'it was replaced, renamed or its attributes were set' },
] as const;

/** A regular file held open for reading, with the identity it had when it was opened. */
export interface SourceFile extends UploadSource {
  readonly path: string;
  /** @throws TransferError `source_changed` */
  assertUnchanged(): Promise<void>;
}

function changed(what: string, bytesTransferred = 0): TransferError {
  return new TransferError({
    code: 'source_changed',
    message: `the file changed while it was being read: ${what}.`,
    bytesTransferred,
  });
}

/** The memory of one pass, a piece for each chunk in order: its own for the first of many bytes, then two in turn. */
function* chunkMemory(bytes: number): Generator<Uint8Array, void, undefined> {
  let left = bytes;
  if (bytes >= EARLY_ANSWER_FROM_BYTES) {
    yield Buffer.allocUnsafeSlow(FIRST_CHUNK_BYTES);
    left -= FIRST_CHUNK_BYTES;
  }
  let buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, left));
  // Most files of a set of small ones need no second.
  let resting = left > CHUNK_BYTES ? Buffer.allocUnsafeSlow(CHUNK_BYTES) : buffer;
  for (; left > 0; left -= CHUNK_BYTES) {
    yield buffer.subarray(0, left);
    [buffer, resting] = [resting, buffer];
  }
}

class OpenSourceFile implements SourceFile {
  readonly path: string;
  readonly size: number;
  readonly #file: FileHandle;
  readonly #identity: BigIntStats;

  constructor(path: string, file: FileHandle, identity: BigIntStats) {
    this.path = path;
    this.size = Number(identity.size);
    this.#file = file;
    this.#identity = identity;
  }

  async *chunks(
    signal: AbortSignal,
    range: SourceRange = { start: 0, end: this.size },
  ): AsyncGenerator<Uint8Array, void, undefined> {
    signal.throwIfAborted();
    const reads = this.#reads(range);
    let next = reads.next();
    while (next.done !== true) {
      const chunk = await next.value;
      // The next chunk is read while this one is sent.
      next = reads.next();
      // Whoever stops here never asks for it.
      next.value?.catch(() => {});
      yield chunk;
      signal.throwIfAborted();
    }
  }

  async assertUnchanged(): Promise<void> {
    const now = await this.#file
      .stat({ bigint: true })
      .catch((error: unknown) => Promise.reject(sourceProblem(error)));
    const differs = IDENTITY.find((part) => now[part.field] !== this.#identity[part.field]);
    if (differs !== undefined) {
      throw changed(differs.words);
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Each read begins when it is asked for. */
  *#reads({ start, end }: SourceRange): Generator<Promise<Uint8Array>, void, undefined> {
    let at = start;
    for (const chunk of chunkMemory(end - start)) {
      yield this.#read(chunk, at, end);
      at += chunk.byteLength;
    }
  }

  async #read(chunk: Uint8Array, start: number, rangeEnd: number): Promise<Uint8Array> {
    await this.#fill(chunk, start);
    const end = start + chunk.byteLength;
    const checks = Math.floor(end / CHECK_EVERY_BYTES) > Math.floor(start / CHECK_EVERY_BYTES);
    if (checks || end === rangeEnd) {
      // Before the last chunk goes out, so that a changed file is never whole at the other end.
      await this.assertUnchanged();
    }
    return chunk;
  }

  async #fill(chunk: Uint8Array, start: number): Promise<void> {
    let filled = 0;
    while (filled < chunk.byteLength) {
      const { bytesRead } = await this.#file
        .read(chunk, filled, chunk.byteLength - filled, start + filled)
        .catch((error: unknown) => Promise.reject(sourceProblem(error, start + filled)));
      if (bytesRead === 0) {
        throw changed('it is shorter than it was', start + filled);
      }
      filled += bytesRead;
    }
  }
}

async function lstatRegular(path: string): Promise<BigIntStats> {
  const found = await lstat(path, { bigint: true });
  if (!found.isFile()) {
    throw new TransferError({
      code: 'source_not_a_file',
      message: 'the path is not a regular file.',
    });
  }
  return found;
}

async function identify(file: FileHandle, expected: BigIntStats): Promise<BigIntStats> {
  const identity = await file.stat({ bigint: true });
  if (identity.dev !== expected.dev || identity.ino !== expected.ino) {
    throw changed('another file took its place');
  }
  return identity;
}

/**
 * Opens a regular file for reading. A FIFO would block the open and a device the reads, so both are
 * refused before; a symbolic link is refused too, resolve it first.
 *
 * @throws TransferError `source_missing`, `source_not_a_file`, `source_unreadable`, `source_changed`
 */
export async function openSourceFile(path: string): Promise<SourceFile> {
  let file: FileHandle | undefined;
  try {
    const expected = await lstatRegular(path);
    file = await open(path, OPEN_FLAGS);
    return new OpenSourceFile(path, file, await identify(file, expected));
  } catch (error) {
    await file?.close();
    throw sourceProblem(error);
  }
}
