import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { objectPath } from '../percent_encoding.ts';
import { presign, type SignatureVersion } from './presigned_request.ts';
import type { S3Access, S3Grant } from './s3_access.ts';
import type { NamedPart } from './s3_store.ts';
import { completionXml, elementText } from './s3_xml.ts';

/** Life of the URLs by which the client itself asks. */
const OWN_SECONDS = 300;

/** The storage refused what it was asked. */
class S3RefusedError extends Error {
  override readonly name = 'S3RefusedError';

  constructor(
    readonly status: number,
    /** S3's own word, such as `NoSuchUpload`; the status if the answer names none. */
    readonly code: string,
  ) {
    super(`The storage answered ${status} ${code}.`);
  }
}

interface S3ClientOptions {
  /** The version of the URLs that are handed out; the client's own are V4. */
  readonly signatures: SignatureVersion;
  readonly now: () => Date;
  /** Ends whatever is under way. */
  readonly signal: AbortSignal;
}

/** What one who owns a bucket does with it: signs URLs for others, and settles what they sent. */
export class S3Client {
  constructor(
    private readonly access: S3Access,
    private readonly options: S3ClientOptions,
  ) {}

  /** A URL for somebody else, which holds for so many seconds from now. */
  presign(grant: S3Grant, seconds: number): string {
    const { signatures, now } = this.options;
    return presign(signatures, this.access, grant, { from: now(), seconds });
  }

  /** Begins an upload in parts and answers its id. */
  async startUpload(key: string, contentType: string): Promise<string> {
    const headers = { 'content-type': contentType };
    const answer = await this.#ask({ method: 'POST', key, query: { uploads: '' }, headers });
    return elementText(await answer.text(), 'UploadId') ?? '';
  }

  async completeUpload(key: string, uploadId: string, parts: readonly NamedPart[]): Promise<void> {
    const grant = { method: 'POST', key, query: { uploadId } } as const;
    const answer = await this.#ask(grant, Buffer.from(completionXml(parts)));
    const text = await answer.text();
    // S3 begins to answer before it is done, so that a failure may come with status 200.
    if (/<Error>/.test(text)) throw new S3RefusedError(500, elementText(text, 'Code') ?? '500');
  }

  async abortUpload(key: string, uploadId: string): Promise<void> {
    await this.#askBriefly({ method: 'DELETE', key, query: { uploadId } });
  }

  /** Bytes of the object, or nothing if there is none. */
  async sizeOf(key: string): Promise<number | undefined> {
    try {
      const answer = await this.#askBriefly({ method: 'HEAD', key });
      return Number(answer.headers.get('content-length'));
    } catch (error) {
      if (error instanceof S3RefusedError && error.status === 404) return undefined;
      throw error;
    }
  }

  async copy(from: string, to: string): Promise<void> {
    const headers = { 'x-amz-copy-source': objectPath(this.access.bucket, from) };
    await this.#askBriefly({ method: 'PUT', key: to, headers });
  }

  async remove(key: string): Promise<void> {
    await this.#askBriefly({ method: 'DELETE', key });
  }

  /** Brings the object into a file. */
  async download(key: string, path: string): Promise<void> {
    const { body } = await this.#ask({ method: 'GET', key });
    await pipeline(body ?? [], createWriteStream(path, { mode: 0o600 }));
  }

  async #askBriefly(grant: S3Grant): Promise<Response> {
    const answer = await this.#ask(grant);
    await answer.arrayBuffer();
    return answer;
  }

  async #ask(grant: S3Grant, body?: Buffer): Promise<Response> {
    const { now, signal } = this.options;
    const url = presign('v4', this.access, grant, { from: now(), seconds: OWN_SECONDS });
    const { method, headers = {} } = grant;
    const request = { method, headers, signal, redirect: 'error' } as const;
    const answer = await fetch(url, body === undefined ? request : { ...request, body });
    if (answer.ok) return answer;
    const code = elementText(await answer.text(), 'Code');
    throw new S3RefusedError(answer.status, code ?? String(answer.status));
  }
}
