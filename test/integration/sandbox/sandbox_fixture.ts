import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { afterEach } from 'vitest';
import { z } from 'zod';
import { operationById } from '../../../src/operations/catalogue.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../src/sandbox/sandbox.ts';

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-test-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A sandbox that ends with the test; in a fresh folder unless one is given. */
export async function sandboxFor(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const dataDir = options.dataDir ?? (await temporaryFolder());
  const sandbox = await startSandbox({ ...options, dataDir });
  cleanUps.push(() => sandbox.close());
  return sandbox;
}

/** One connection to the sandbox; one that it cut is replaced at the next request. */
export function poolFor(sandbox: Sandbox): Pool {
  const pool = new Pool(sandbox.url, { connections: 1 });
  cleanUps.push(() => pool.destroy());
  return pool;
}

export interface OperationAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Sends a request for an operation and answers what came, whatever its form. */
export function request(
  { url, token }: Sandbox,
  operationId: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${url}/v1/op/${operationId}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
    redirect: 'manual',
  });
}

/** Calls an operation with the main token, or the one given. */
export async function call(
  sandbox: Sandbox,
  operationId: string,
  body: unknown,
  token: string = sandbox.token,
): Promise<OperationAnswer> {
  const response = await request(sandbox, operationId, body, { Authorization: `Bearer ${token}` });
  const answer: unknown = await response.json();
  // What the catalogue promises of an answer holds for each that a test ever gets.
  if (response.ok) operationById(operationId)?.output.parse(answer);
  return {
    status: response.status,
    mediaType: response.headers.get('content-type') ?? '',
    headers: response.headers,
    body: answer,
  };
}

/** The id of the sandbox's organization, as its userinfo tells it. */
export async function organizationOf({ url, token }: Sandbox): Promise<string> {
  const path = '/realms/public/protocol/openid-connect/userinfo';
  const answer = await fetch(url + path, { headers: { Authorization: `Bearer ${token}` } });
  return z.object({ geopera_org_id: z.string() }).parse(await answer.json()).geopera_org_id;
}

/** Calls an operation that must succeed, and reads its answer. */
export async function succeed<Model extends z.ZodTypeAny>(
  sandbox: Sandbox,
  operationId: string,
  body: unknown,
  model: Model,
): Promise<z.output<Model>> {
  const answer = await call(sandbox, operationId, body);
  if (answer.status >= 300) throw new Error(`${operationId}: ${JSON.stringify(answer)}`);
  return model.parse(answer.body);
}

export const withId = z.object({ id: z.string() });
export const signed = z.object({ upload_url: z.string(), object_path: z.string() });
export const completed = z.object({ id: z.string(), item_ids: z.array(z.string()) });
export const descriptor = z.object({
  url: z.string(),
  expires_at: z.string(),
  file_name: z.string(),
  media_type: z.string(),
  size_bytes: z.number(),
});

export interface OpenUpload {
  readonly uploadId: string;
  readonly uploadUrl: string;
  readonly objectPath: string;
}

/** Opens a session for one file and signs it. */
export async function openUpload(
  sandbox: Sandbox,
  bytes: number,
  { name = 'scene.tif', contentType = 'image/tiff', ...extra }: OpenOptions = {},
): Promise<OpenUpload> {
  const session = await succeed(
    sandbox,
    'uploads.initiate',
    { project_id: sandbox.projectId, total_bytes: bytes, ...extra },
    withId,
  );
  const file = { upload_id: session.id, file_name: name, content_type: contentType };
  const url = await succeed(sandbox, 'uploads.signed_url', file, signed);
  return { uploadId: session.id, uploadUrl: url.upload_url, objectPath: url.object_path };
}

interface OpenOptions {
  readonly name?: string;
  readonly contentType?: string;
  readonly target_item_id?: string;
  readonly target_collection_id?: string;
  readonly asset_key?: string;
  readonly is_categorical?: boolean;
}

export function put(url: string, body: Uint8Array, contentType = 'image/tiff'): Promise<Response> {
  return fetch(url, { method: 'PUT', body, headers: { 'Content-Type': contentType } });
}

/** The whole act: session, bytes, completion; answers the ids. */
export async function upload(sandbox: Sandbox, bytes: Uint8Array, options: OpenOptions = {}) {
  const session = await openUpload(sandbox, bytes.length, options);
  const response = await put(session.uploadUrl, bytes, options.contentType);
  if (response.status !== 200) throw new Error(`PUT: ${response.status}`);
  const answer = await succeed(
    sandbox,
    'uploads.complete',
    { upload_id: session.uploadId },
    completed,
  );
  return { ...session, itemId: answer.item_ids[0] ?? '' };
}
