import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createCRC32 } from 'hash-wasm';
import type { StoredObject, StoredState } from './state_model.ts';

/** Castagnoli, the polynomial behind `x-goog-hash: crc32c`. */
const CRC32C_POLYNOMIAL = 0x82f63b78;
const TEMPORARY = '.part';

/** The bytes of the storage: one file each, named at random, with its record in the state. */
export class ObjectStore {
  private constructor(
    private readonly directory: string,
    private readonly state: StoredState,
  ) {}

  /** Opens the storage and drops what an interrupted PUT left behind. */
  static async open(dataDir: string, state: StoredState): Promise<ObjectStore> {
    const directory = join(dataDir, 'objects');
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const name of await readdir(directory)) {
      if (name.endsWith(TEMPORARY)) await rm(join(directory, name), { force: true });
    }
    return new ObjectStore(directory, state);
  }

  find(objectPath: string): StoredObject | undefined {
    return this.state.objects.find((object) => object.object_path === objectPath);
  }

  /** Where the object's bytes lie on disk. */
  diskPath(object: StoredObject): string {
    return join(this.directory, object.disk_name);
  }

  /**
   * Opens the file when the first byte is asked for, so that an unread answer leaves none open.
   *
   * @param end index of the last byte to read
   */
  async *read(object: StoredObject, start: number, end: number): AsyncGenerator<Buffer> {
    yield* createReadStream(this.diskPath(object), { start, end });
  }

  /**
   * Streams bytes into an object and hashes them on the way. The object appears when all of them
   * are on disk; an earlier object of that path is replaced.
   *
   * @throws whatever `bytes` throws, after which nothing is left behind
   */
  async write(
    objectPath: string,
    contentType: string,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<StoredObject> {
    const temporary = join(this.directory, `${randomUUID()}${TEMPORARY}`);
    try {
      const facts = await writeAndHash(temporary, bytes);
      const object: StoredObject = {
        object_path: objectPath,
        disk_name: randomUUID(),
        content_type: contentType,
        generation: '',
        ...facts,
      };
      await rename(temporary, this.diskPath(object));
      await this.#replace(object);
      return object;
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** Puts an object in the place of the one before, whose bytes go. */
  async #replace(object: StoredObject): Promise<void> {
    const earlier = this.find(object.object_path);
    object.generation = nextGeneration(earlier);
    const others = this.state.objects.filter((candidate) => candidate !== earlier);
    this.state.objects = [...others, object];
    if (earlier) await rm(this.diskPath(earlier), { force: true });
  }

  /** Removes an object and its bytes; one that is not there is removed already. */
  async remove(objectPath: string): Promise<void> {
    const object = this.find(objectPath);
    if (!object) return;
    this.state.objects = this.state.objects.filter((candidate) => candidate !== object);
    await rm(this.diskPath(object), { force: true });
  }
}

/** Microseconds since the epoch, as the storage counts, and always more than before. */
function nextGeneration(earlier: StoredObject | undefined): string {
  return String(Math.max(Date.now() * 1000, Number(earlier?.generation ?? 0) + 1));
}

type ContentFacts = Pick<StoredObject, 'size_bytes' | 'crc32c' | 'md5'>;

async function writeAndHash(path: string, bytes: AsyncIterable<Uint8Array>): Promise<ContentFacts> {
  const md5 = createHash('md5');
  const crc32c = (await createCRC32(CRC32C_POLYNOMIAL)).init();
  let size = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of bytes) {
      md5.update(chunk);
      crc32c.update(chunk);
      size += chunk.length;
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  return {
    size_bytes: size,
    crc32c: Buffer.from(crc32c.digest('binary')).toString('base64'),
    md5: md5.digest('base64'),
  };
}
