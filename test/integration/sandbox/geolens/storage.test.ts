import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  complete,
  csv,
  emulatorFor,
  heldClock,
  presign,
  put,
  putParts,
  SMALL_PARTS,
} from './geolens_fixture.ts';

const bytes = csv(3);
const quotedMd5 = (content: Uint8Array) => `"${createHash('md5').update(content).digest('hex')}"`;

/** Status and code of an answer of the storage, which is XML unless all went well. */
async function verdict(response: Response): Promise<string> {
  const text = await response.text();
  if (response.ok) return `${response.status}`;
  expect(response.headers.get('content-type')).toContain('application/xml');
  return `${response.status} ${/<Code>(.*)<\/Code>/.exec(text)?.[1]}`;
}

/** A PUT without a length: all that fetch sends of a stream. */
function putChunked(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'text/csv', 'Transfer-Encoding': 'chunked' };
    const request = httpRequest(url, { method: 'PUT', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.once('error', reject);
    request.end(bytes);
  });
}

describe.each(['v2', 'v4'] as const)('a single PUT, signed by %s', (signatures) => {
  const single = async (options = {}) => {
    const emulator = await emulatorFor({ signatures, ...options });
    const presigned = await presign(emulator, 'places.csv', bytes.length);
    return { emulator, presigned, url: presigned.urls[0] ?? '' };
  };

  it('has one URL, of the form of its version', async () => {
    const { presigned, url } = await single();
    expect(presigned).toMatchObject({ upload_id: null, part_size: null });
    expect(presigned.urls).toHaveLength(1);
    const query = new URL(url).searchParams;
    expect(query.has('AWSAccessKeyId')).toBe(signatures === 'v2');
    expect(query.get('X-Amz-SignedHeaders')).toBe(signatures === 'v4' ? 'content-type;host' : null);
  });

  it('is answered with the MD5 of the bytes, quoted', async () => {
    const { url } = await single();
    const answer = await put(url, bytes, 'text/csv');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe(quotedMd5(bytes));
  });

  it.each([
    [
      'another content type',
      (url: string) => put(url, bytes, 'text/plain'),
      '403 SignatureDoesNotMatch',
    ],
    ['no content type', (url: string) => put(url, bytes), '403 SignatureDoesNotMatch'],
    [
      'another object',
      (url: string) => put(url.replace('places', 'plans'), bytes, 'text/csv'),
      '403 SignatureDoesNotMatch',
    ],
    [
      'no signature',
      (url: string) => put(url.replace(/\?.*/, ''), bytes, 'text/csv'),
      '403 AccessDenied',
    ],
    [
      'an unknown key',
      (url: string) => put(url.replace(/EMULATOR\w+/, 'SOMEONE'), bytes, 'text/csv'),
      '403 InvalidAccessKeyId',
    ],
    ['another method', (url: string) => fetch(url), '403 SignatureDoesNotMatch'],
  ] as const)('is refused with %s', async (_what, send, refusal) => {
    const { emulator, url } = await single();
    expect(await verdict(await send(url))).toBe(refusal);
    expect(emulator.state().objects).toEqual([]);
  });

  it.each([
    ['Authorization', 'Bearer token'],
    ['X-Api-Key', 'key'],
  ])('is refused with the credential %s, which is counted', async (name, value) => {
    const { emulator, url } = await single();
    const headers = { 'Content-Type': 'text/csv', [name]: value };
    const answer = await fetch(url, { method: 'PUT', body: bytes, headers });
    expect(await verdict(answer)).toBe('400 InvalidArgument');
    expect(emulator.state().credentials_seen_by_storage).toBe(1);
  });

  it('is refused without a length', async () => {
    const { url } = await single();
    expect(await putChunked(url)).toBe(411);
  });

  it('is refused once its job has run out', async () => {
    const { now, pass } = heldClock();
    const { url } = await single({ now, jobSeconds: 60 });
    pass(60);
    expect((await put(url, bytes, 'text/csv')).status).toBe(200);
    pass(1);
    const answer = await put(url, bytes, 'text/csv');
    expect(await answer.clone().text()).toContain('Request has expired');
    expect(await verdict(answer)).toBe('403 AccessDenied');
  });
});

describe.each(['v2', 'v4'] as const)('an upload in parts, signed by %s', (signatures) => {
  const several = async (options = {}) => {
    const emulator = await emulatorFor({ signatures, ...SMALL_PARTS, ...options });
    return { emulator, presigned: await presign(emulator, 'places.csv', bytes.length) };
  };

  it('has a URL for each part and becomes the bytes in their order', async () => {
    const { emulator, presigned } = await several();
    expect(presigned.urls).toHaveLength(Math.ceil(bytes.length / 8));
    expect(presigned).toMatchObject({ part_size: 8, upload_id: expect.any(String) });
    const parts = await putParts(presigned, bytes);
    expect(parts[1]?.etag).toBe(quotedMd5(bytes.subarray(8, 16)));
    expect((await complete(emulator, presigned, parts)).status).toBe(200);
    expect(emulator.state().multipart).toMatchObject([{ state: 'completed' }]);
    expect(emulator.state().objects).toMatchObject([{ size: bytes.length }]);
  });

  it('takes a content type on a part only where it is no part of the signature', async () => {
    const { presigned } = await several();
    const answer = await put(presigned.urls[0] ?? '', bytes.subarray(0, 8), 'text/csv');
    expect(await verdict(answer)).toBe(signatures === 'v2' ? '403 SignatureDoesNotMatch' : '200');
  });

  it('does not take the bytes of one part by the URL of another', async () => {
    const { presigned } = await several();
    const url = (presigned.urls[0] ?? '').replace('partNumber=1', 'partNumber=2');
    expect(await verdict(await put(url, bytes))).toBe('403 SignatureDoesNotMatch');
  });

  it('replaces a part that is sent again', async () => {
    const { emulator, presigned } = await several();
    await put(presigned.urls[0] ?? '', Buffer.from('wrong'));
    const parts = await putParts(presigned, bytes);
    expect(emulator.state().multipart[0]?.parts[0]).toMatchObject({ times: 2, size: 8 });
    expect((await complete(emulator, presigned, parts)).status).toBe(200);
  });

  it('is gone once it was aborted by naming no part', async () => {
    const { emulator, presigned } = await several();
    await putParts(presigned, bytes);
    expect((await complete(emulator, presigned)).status).toBe(400);
    expect(emulator.state().multipart).toMatchObject([{ state: 'aborted', parts: [] }]);
    const answer = await put(presigned.urls[0] ?? '', bytes.subarray(0, 8));
    expect(await verdict(answer)).toBe('404 NoSuchUpload');
  });
});

describe('a fault at storage', () => {
  it.each([
    [{ status: 503, body: 'slow down', retry_after: 7 }, '503 ServiceUnavailable'],
    [{ status: 429, body: 'slow down' }, '429 SlowDown'],
    [{ expire: true }, '403 AccessDenied'],
  ] as const)('%j is answered %s, once', async (action, refusal) => {
    const emulator = await emulatorFor();
    const { urls } = await presign(emulator, 'places.csv', bytes.length);
    emulator.inject({ on: 'storage.put', do: action });
    const refused = await put(urls[0] ?? '', bytes, 'text/csv');
    const wait = 'retry_after' in action ? String(action.retry_after) : null;
    expect(refused.headers.get('retry-after')).toBe(wait);
    expect(await verdict(refused)).toBe(refusal);
    expect((await put(urls[0] ?? '', bytes, 'text/csv')).status).toBe(200);
  });

  it.each([
    ['the bytes are on their way', { cut_after_bytes: 4 }, 0],
    ['the work is done', { lose_answer: true }, 1],
  ] as const)('cuts the connection when %s', async (_when, action, objects) => {
    const emulator = await emulatorFor();
    const { urls } = await presign(emulator, 'places.csv', bytes.length);
    emulator.inject({ on: 'storage.put', do: action });
    await expect(put(urls[0] ?? '', bytes, 'text/csv')).rejects.toThrow();
    expect(emulator.state().objects).toHaveLength(objects);
  });

  it('goes silent until the client leaves', async () => {
    const emulator = await emulatorFor();
    const { urls } = await presign(emulator, 'places.csv', bytes.length);
    emulator.inject({ on: 'storage.put', do: { stall_after_bytes: 4 } });
    const gone = new AbortController();
    const headers = { 'Content-Type': 'text/csv' };
    const sent = fetch(urls[0] ?? '', { method: 'PUT', body: bytes, headers, signal: gone.signal });
    await expect.poll(() => emulator.state().faults_struck).toBe(1);
    gone.abort();
    await expect(sent).rejects.toThrow();
    expect(emulator.state().objects).toEqual([]);
  });

  it('states the ETag of other bytes, with which nothing can be assembled', async () => {
    const emulator = await emulatorFor(SMALL_PARTS);
    const presigned = await presign(emulator, 'places.csv', bytes.length);
    emulator.inject({ on: 'storage.put', do: { wrong_etag: true } });
    const parts = await putParts(presigned, bytes);
    expect((await complete(emulator, presigned, parts)).status).toBe(502);
    expect(emulator.state().multipart).toMatchObject([{ state: 'aborted' }]);
  });
});
