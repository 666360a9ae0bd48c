import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { type Answer, deliver, textAnswer } from '../delivery.ts';
import { exchangeFaults } from '../fault_queue.ts';
import { codeOf, expiredUrl, StorageError, storageErrorAnswer } from '../storage_errors.ts';
import { requireSignature } from './presigned_request.ts';
import { ConnectionGone, receivedBody } from './received_body.ts';
import type { S3Access } from './s3_access.ts';
import type { S3Object, S3Store } from './s3_store.ts';
import { readCompletion, xmlDocument } from './s3_xml.ts';

/** What can go wrong when bytes are put; `body` of a status is the message of the XML error. */
export const storageFaultSchema = z.union([
  exchangeFaults.status,
  exchangeFaults.cut,
  exchangeFaults.stall,
  exchangeFaults.loseAnswer,
  /** Answer as if the URL had expired. */
  z.object({ expire: z.literal(true) }).strict(),
  /** Keep the bytes and state the ETag of others. */
  z.object({ wrong_etag: z.literal(true) }).strict(),
]);

export type StorageFault = z.output<typeof storageFaultSchema>;

/** What the storage works with. */
export interface S3World {
  readonly access: S3Access;
  readonly store: S3Store;
  readonly now: () => Date;
  /** The fault for a PUT of bytes that is at hand, if one is due. */
  readonly takeFault: () => StorageFault | undefined;
  /** Called for a request that brings a credential of the API's. */
  readonly onCredential: () => void;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly fault: StorageFault | undefined;
}

type Act = (world: S3World, exchange: Exchange) => Promise<Answer>;

/** An object storage over one bucket, by presigned URLs alone: objects, and uploads in parts. */
export async function serveS3(
  world: S3World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [rawPath = '', rawQuery = ''] = (request.url ?? '').split('?', 2);
  const query = new URLSearchParams(rawQuery);
  const name = actName(request, query);
  const fault = BYTES.has(name) ? world.takeFault() : undefined;
  try {
    refuseCredentials(world, request);
    refuseByFault(fault);
    const { method = '', headers } = request;
    requireSignature(world.access, { method, rawPath, query, headers }, world.now());
    const act = ACTS[name];
    if (!act) throw new StorageError(405, 'MethodNotAllowed', 'The method is not allowed here.');
    const key = keyOf(world.access, rawPath);
    const answer = await act(world, { request, response, key, query, fault });
    await deliver(response, answer, lostAnswer(fault));
  } catch (error) {
    if (error instanceof ConnectionGone) response.destroy();
    else if (error instanceof StorageError) await deliver(response, storageErrorAnswer(error));
    else throw error;
  }
}

/** The acts whose faults are those of the bytes. */
const BYTES: ReadonlySet<string> = new Set(['put', 'put part']);

function actName({ method = '', headers }: IncomingMessage, query: URLSearchParams): string {
  const parameter = query.has('uploads') ? 'uploads' : query.has('uploadId') ? 'part' : '';
  if (method === 'PUT' && headers['x-amz-copy-source'] !== undefined) return 'copy';
  return `${method.toLowerCase()} ${parameter}`.trim();
}

const ACTS: Readonly<Record<string, Act>> = {
  put: async ({ store }, exchange) => {
    requireLength(exchange.request);
    const { etag } = await store.put(exchange.key, bodyOf(exchange));
    return emptyAnswer(200, { ETag: toldEtag(etag, exchange.fault) });
  },
  'put part': async ({ store }, exchange) => {
    requireLength(exchange.request);
    const { key, query, fault } = exchange;
    const number = Number(query.get('partNumber') ?? Number.NaN);
    const etag = await store.putPart(key, uploadIdOf(query), number, bodyOf(exchange));
    return emptyAnswer(200, { ETag: toldEtag(etag, fault) });
  },
  copy: async ({ store, access }, { request, key }) => {
    const source = String(request.headers['x-amz-copy-source']).replace(/^\/?/, '/');
    const { etag } = await store.copy(keyOf(access, source), key);
    return xmlAnswer(xmlDocument('CopyObjectResult', { ETag: etag }));
  },
  'post uploads': async ({ store, access: { bucket } }, { key }) => {
    const UploadId = store.startUpload(key);
    const members = { Bucket: bucket, Key: key, UploadId };
    return xmlAnswer(xmlDocument('InitiateMultipartUploadResult', members));
  },
  'post part': async ({ store, access: { bucket } }, exchange) => {
    const { key, query } = exchange;
    const chunks: Buffer[] = [];
    for await (const chunk of bodyOf(exchange)) chunks.push(chunk);
    const parts = readCompletion(Buffer.concat(chunks).toString('utf8'));
    const { etag } = await store.completeUpload(key, uploadIdOf(query), parts);
    const members = { Bucket: bucket, Key: key, ETag: etag };
    return xmlAnswer(xmlDocument('CompleteMultipartUploadResult', members));
  },
  'delete part': async ({ store }, { key, query }) => {
    await store.abortUpload(key, uploadIdOf(query));
    return emptyAnswer(204);
  },
  delete: async ({ store }, { key }) => {
    await store.remove(key);
    return emptyAnswer(204);
  },
  get: async ({ store }, { key }) => objectAnswer(store.object(key)),
  head: async ({ store }, { key }) => objectAnswer(store.object(key)),
};

function refuseCredentials({ onCredential }: S3World, { headers }: IncomingMessage): void {
  if (headers.authorization === undefined && headers['x-api-key'] === undefined) return;
  onCredential();
  throw new StorageError(400, 'InvalidArgument', 'Only one way to authenticate is allowed.');
}

function refuseByFault(fault: StorageFault | undefined): void {
  if (fault && 'expire' in fault) throw expiredUrl(403);
  if (!fault || !('status' in fault)) return;
  const { status, body, retry_after } = fault;
  const headers: Record<string, string> =
    retry_after === undefined ? {} : { 'Retry-After': String(retry_after) };
  const message = typeof body === 'string' ? body : 'The fault that was asked for.';
  throw new StorageError(status, codeOf(status), message, { ...fault.headers, ...headers });
}

/** Of a PUT's faults the one that is left when its bytes are in. */
function lostAnswer(fault: StorageFault | undefined): { lose_answer: true } | undefined {
  return fault && 'lose_answer' in fault ? fault : undefined;
}

/** The key behind the bucket. @throws StorageError NoSuchBucket */
function keyOf({ bucket }: S3Access, rawPath: string): string {
  const [, named = '', ...segments] = rawPath.split('/');
  if (named === bucket) return segments.map(decodeURIComponent).join('/');
  throw new StorageError(404, 'NoSuchBucket', 'The specified bucket does not exist.');
}

function uploadIdOf(query: URLSearchParams): string {
  return query.get('uploadId') ?? '';
}

function requireLength({ headers }: IncomingMessage): void {
  if (headers['content-length'] !== undefined) return;
  throw new StorageError(411, 'MissingContentLength', 'You must provide the Content-Length.');
}

function bodyOf({ request, response, fault }: Exchange): AsyncGenerator<Buffer> {
  return receivedBody(request, response, {
    ...(fault && 'cut_after_bytes' in fault ? { cut: fault.cut_after_bytes } : {}),
    ...(fault && 'stall_after_bytes' in fault ? { stall: fault.stall_after_bytes } : {}),
  });
}

function toldEtag(etag: string, fault: StorageFault | undefined): string {
  return fault && 'wrong_etag' in fault ? `"${'0'.repeat(32)}"` : etag;
}

function objectAnswer({ path, size, etag }: S3Object): Answer {
  const headers = { ETag: etag, 'Content-Type': 'application/octet-stream' };
  return { status: 200, headers, length: size, body: contentOf(path) };
}

/** Opens the file when the first byte is asked for: an answer to HEAD leaves none open. */
async function* contentOf(path: string): AsyncGenerator<Buffer> {
  yield* createReadStream(path);
}

function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, length: status === 204 ? undefined : 0, body: [] };
}

function xmlAnswer(xml: string): Answer {
  return textAnswer(200, 'application/xml', xml);
}
