import { createHash, randomUUID } from 'node:crypto';
import { StorageError } from '../storage_errors.ts';
import type { ByteFolder, StoredBytes } from './byte_folder.ts';

export interface S3Object {
  readonly path: string;
  readonly size: number;
  /** Quoted, as a header has it. */
  readonly etag: string;
}

interface MultipartUpload {
  readonly id: string;
  readonly key: string;
  state: 'open' | 'completed' | 'aborted';
  readonly parts: Map<number, StoredBytes & { readonly times: number }>;
}

/** A part as its sender knows it. */
export interface NamedPart {
  readonly number: number;
  readonly etag: string;
}

/** What may be told of the storage. */
export interface S3Report {
  readonly objects: readonly { key: string; size: number }[];
  readonly multipart: readonly {
    upload_id: string;
    key: string;
    state: 'open' | 'completed' | 'aborted';
    parts: { part_number: number; size: number; etag: string; times: number }[];
  }[];
}

const MAX_PART_NUMBER = 10_000;

/** One bucket: its objects, and the uploads in parts that are to become objects. */
export class S3Store {
  readonly #objects = new Map<string, S3Object>();
  readonly #uploads = new Map<string, MultipartUpload>();

  constructor(
    private readonly bytes: ByteFolder,
    /** All parts but the last must have this many bytes. */
    private readonly minPartBytes: number,
  ) {}

  find(key: string): S3Object | undefined {
    return this.#objects.get(key);
  }

  /** @throws StorageError NoSuchKey */
  object(key: string): S3Object {
    const found = this.find(key);
    if (found) return found;
    throw new StorageError(404, 'NoSuchKey', 'The specified key does not exist.');
  }

  /** Puts an object in the place of an earlier one; it appears when all bytes are on disk. */
  async put(key: string, bytes: AsyncIterable<Uint8Array>): Promise<S3Object> {
    const stored = await this.bytes.write(bytes);
    return this.#replace(key, { ...stored, etag: quoted(stored.md5) });
  }

  async copy(from: string, to: string): Promise<S3Object> {
    const source = this.object(from);
    const path = await this.bytes.copy(source);
    return this.#replace(to, { ...source, path });
  }

  /** One that is not there is removed already. */
  async remove(key: string): Promise<void> {
    const object = this.find(key);
    this.#objects.delete(key);
    if (object) await this.bytes.remove(object);
  }

  startUpload(key: string): string {
    const id = randomUUID();
    this.#uploads.set(id, { id, key, state: 'open', parts: new Map() });
    return id;
  }

  /** Takes a part in; the same number again replaces it. Answers its ETag. */
  async putPart(
    key: string,
    uploadId: string,
    number: number,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<string> {
    if (!Number.isInteger(number) || number < 1 || number > MAX_PART_NUMBER) {
      throw new StorageError(400, 'InvalidArgument', 'Part number must be from 1 to 10000.');
    }
    this.#openUpload(key, uploadId);
    const stored = await this.bytes.write(bytes);
    const upload = await this.#stillOpen(key, uploadId, stored);
    const earlier = upload.parts.get(number);
    upload.parts.set(number, { ...stored, times: (earlier?.times ?? 0) + 1 });
    if (earlier) await this.bytes.remove(earlier);
    return quoted(stored.md5);
  }

  /** Makes one object of the parts that are named, in their order. */
  async completeUpload(
    key: string,
    uploadId: string,
    named: readonly NamedPart[],
  ): Promise<S3Object> {
    const upload = this.#openUpload(key, uploadId);
    const parts = this.#chosen(upload, named);
    upload.state = 'completed';
    const stored = await this.bytes.join(parts);
    const digests = parts.map(({ md5 }) => Buffer.from(md5, 'hex'));
    const md5 = createHash('md5').update(Buffer.concat(digests)).digest('hex');
    const object = await this.#replace(key, { ...stored, etag: `"${md5}-${parts.length}"` });
    await this.#dropParts(upload);
    return object;
  }

  async abortUpload(key: string, uploadId: string): Promise<void> {
    const upload = this.#openUpload(key, uploadId);
    upload.state = 'aborted';
    await this.#dropParts(upload);
  }

  report(): S3Report {
    return {
      objects: [...this.#objects].map(([key, { size }]) => ({ key, size })),
      multipart: [...this.#uploads.values()].map(({ id, key, state, parts }) => ({
        upload_id: id,
        key,
        state,
        parts: [...parts].map(([part_number, { size, md5, times }]) => ({
          part_number,
          size,
          etag: quoted(md5),
          times,
        })),
      })),
    };
  }

  #openUpload(key: string, uploadId: string): MultipartUpload {
    const upload = this.#uploads.get(uploadId);
    if (upload?.key === key && upload.state === 'open') return upload;
    throw new StorageError(404, 'NoSuchUpload', 'There is no such upload, or no longer.');
  }

  /** An upload may have been ended while a part was on its way. */
  async #stillOpen(key: string, uploadId: string, stored: StoredBytes): Promise<MultipartUpload> {
    try {
      return this.#openUpload(key, uploadId);
    } catch (error) {
      await this.bytes.remove(stored);
      throw error;
    }
  }

  #chosen(upload: MultipartUpload, named: readonly NamedPart[]): StoredBytes[] {
    if (named.length === 0) {
      throw new StorageError(400, 'MalformedXML', 'A completion names one part at least.');
    }
    if (named.some(({ number }, at) => number <= (named[at - 1]?.number ?? 0))) {
      throw new StorageError(400, 'InvalidPartOrder', 'Parts must be named in ascending order.');
    }
    const parts = named.map(({ number, etag }) => {
      const part = upload.parts.get(number);
      if (part !== undefined && bare(etag) === part.md5) return part;
      throw new StorageError(400, 'InvalidPart', `Part ${number} is missing or another one.`);
    });
    if (parts.slice(0, -1).some(({ size }) => size < this.minPartBytes)) {
      throw new StorageError(400, 'EntityTooSmall', 'A part before the last is too small.');
    }
    return parts;
  }

  async #dropParts(upload: MultipartUpload): Promise<void> {
    for (const part of upload.parts.values()) await this.bytes.remove(part);
    if (upload.state === 'aborted') upload.parts.clear();
  }

  async #replace(key: string, { path, size, etag }: S3Object): Promise<S3Object> {
    const earlier = this.find(key);
    const object = { path, size, etag };
    this.#objects.set(key, object);
    if (earlier) await this.bytes.remove(earlier);
    return object;
  }
}

function quoted(md5: string): string {
  return `"${md5}"`;
}

function bare(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}
