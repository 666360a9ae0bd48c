import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes on disk, under a name of no meaning. */
export interface StoredBytes {
  readonly path: string;
  readonly size: number;
  /** In hexadecimal digits. */
  readonly md5: string;
}

type Place = Pick<StoredBytes, 'path'>;

/** A folder of bytes that somebody else knows the meaning of. */
export class ByteFolder {
  /** @param folder must be there */
  constructor(private readonly folder: string) {}

  /**
   * Takes bytes in as they come.
   *
   * @throws whatever `bytes` throws, after which nothing is left behind
   */
  async write(bytes: AsyncIterable<Uint8Array>): Promise<StoredBytes> {
    const path = this.#newPath();
    try {
      return { path, ...(await writeTo(path, bytes)) };
    } catch (error) {
      await this.remove({ path });
      throw error;
    }
  }

  /** The bytes of all, one behind the other. */
  join(parts: readonly Place[]): Promise<StoredBytes> {
    return this.write(concatenated(parts));
  }

  /** Answers where the copy is. */
  async copy({ path }: Place): Promise<string> {
    const copied = this.#newPath();
    await copyFile(path, copied);
    return copied;
  }

  async remove({ path }: Place): Promise<void> {
    await rm(path, { force: true });
  }

  #newPath(): string {
    return join(this.folder, randomUUID());
  }
}

async function writeTo(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<Omit<StoredBytes, 'path'>> {
  const md5 = createHash('md5');
  let size = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of bytes) {
      md5.update(chunk);
      size += chunk.length;
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  return { size, md5: md5.digest('hex') };
}

async function* concatenated(parts: readonly Place[]): AsyncGenerator<Buffer> {
  for (const { path } of parts) yield* createReadStream(path);
}
