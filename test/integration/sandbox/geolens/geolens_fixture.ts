import { crc32 } from 'node:zlib';
import { afterEach } from 'vitest';
import { z } from 'zod';
import {
  type GeolensEmulator,
  type GeolensEmulatorOptions,
  startGeolensEmulator,
} from '../../../../src/sandbox/geolens/geolens_emulator.ts';

const running: GeolensEmulator[] = [];

afterEach(async () => {
  for (const emulator of running.splice(0)) await emulator.close();
});

/** An emulator that ends with the test. */
export async function emulatorFor(options: GeolensEmulatorOptions = {}): Promise<GeolensEmulator> {
  const emulator = await startGeolensEmulator(options);
  running.push(emulator);
  return emulator;
}

/** Small parts, so that a few bytes are several of them. */
export const SMALL_PARTS: GeolensEmulatorOptions = { thresholdBytes: 10, partBytes: 8 };

export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface Sent {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly json?: unknown;
  readonly body?: FormData | string;
  /** In place of the API key. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request to the API and reads what came as JSON. */
export async function ask(
  { instance, apiKey }: GeolensEmulator,
  path: string,
  { method = 'POST', json, body, headers = { 'X-Api-Key': apiKey } }: Sent = {},
): Promise<JsonAnswer> {
  const typed: Record<string, string> =
    json === undefined ? {} : { 'Content-Type': 'application/json' };
  const sent = json === undefined ? body : JSON.stringify(json);
  const response = await fetch(`${instance}/api${path}`, {
    method,
    headers: { ...headers, ...typed },
    ...(sent === undefined ? {} : { body: sent }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
}

const presignedModel = z.object({
  job_id: z.string(),
  urls: z.array(z.string()),
  s3_key: z.string(),
  upload_id: z.string().nullable(),
  part_size: z.number().nullable(),
});
export type Presigned = z.output<typeof presignedModel>;

export async function presign(
  emulator: GeolensEmulator,
  filename: string,
  file_size: number,
  content_type = 'text/csv',
): Promise<Presigned> {
  const json = { filename, file_size, content_type };
  const answer = await ask(emulator, '/ingest/upload/presigned', { json });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return presignedModel.parse(answer.body);
}

export function put(url: string, body: Uint8Array, contentType?: string): Promise<Response> {
  const headers: Record<string, string> =
    contentType === undefined ? {} : { 'Content-Type': contentType };
  return fetch(url, { method: 'PUT', body, headers });
}

export interface SentPart {
  readonly etag: string;
  readonly part_number: number;
}

/** Puts all parts of a file and answers what completes them. */
export async function putParts(
  { urls, part_size }: Presigned,
  bytes: Uint8Array,
): Promise<SentPart[]> {
  const size = part_size ?? bytes.length;
  const parts: SentPart[] = [];
  for (const [index, url] of urls.entries()) {
    const answer = await put(url, bytes.subarray(index * size, (index + 1) * size));
    if (answer.status !== 200) throw new Error(await answer.text());
    parts.push({ etag: answer.headers.get('etag') ?? '', part_number: index + 1 });
  }
  return parts;
}

export function complete(
  emulator: GeolensEmulator,
  { job_id }: { readonly job_id: string },
  parts: readonly SentPart[] = [],
): Promise<JsonAnswer> {
  return ask(emulator, `/ingest/upload/presigned/${job_id}/complete`, { json: { parts } });
}

/** A file that was uploaded and completed; answers its job. */
export async function uploaded(
  emulator: GeolensEmulator,
  filename: string,
  bytes: Uint8Array,
): Promise<string> {
  const presigned = await presign(emulator, filename, bytes.length);
  const single = presigned.upload_id === null;
  if (single) await put(presigned.urls[0] ?? '', bytes, 'text/csv');
  const answer = await complete(
    emulator,
    presigned,
    single ? [] : await putParts(presigned, bytes),
  );
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return presigned.job_id;
}

export function commit(
  emulator: GeolensEmulator,
  jobId: string,
  wish: Readonly<Record<string, unknown>> = { title: 'Harbour' },
): Promise<JsonAnswer> {
  return ask(emulator, `/ingest/commit/${jobId}`, { json: wish });
}

export function look(emulator: GeolensEmulator, jobId: string): Promise<JsonAnswer> {
  return ask(emulator, `/jobs/${jobId}`, { method: 'GET' });
}

export const csv = (rows: number): Buffer =>
  Buffer.from(
    `name,lon,lat\n${Array.from({ length: rows }, (_, at) => `p${at},${at},${-at}\n`).join('')}`,
  );

/** A clock that stands still until it is moved. */
export function heldClock() {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const pass = (seconds: number) => {
    time += seconds * 1000;
  };
  return { now: () => new Date(time), pass };
}

/** An archive of files that are stored as they are. */
export function zipOf(files: Readonly<Record<string, string>>): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const content = Buffer.from(text);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt32LE(crc32(content), 10);
    facts.writeUInt32LE(content.length, 14);
    facts.writeUInt32LE(content.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const body = Buffer.concat([Buffer.from('PK\x03\x04'), facts, Buffer.from(name), content]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    const version = Buffer.from([20, 0]);
    directory.push(Buffer.from('PK\x01\x02'), version, facts, place, Buffer.from(name));
    bodies.push(body);
    offset += body.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(bodies.length, 4);
  end.writeUInt16LE(bodies.length, 6);
  end.writeUInt32LE(listing.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, listing, Buffer.from('PK\x05\x06'), end]);
}
