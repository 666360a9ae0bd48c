import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { createCRC32 } from 'hash-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import {
  completed,
  descriptor,
  openUpload,
  poolFor,
  put,
  sandboxFor,
  succeed,
  upload,
} from './sandbox_fixture.ts';

const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
let crc32c: string;
const md5 = createHash('md5').update(bytes).digest();

beforeAll(async () => {
  const hasher = (await createCRC32(0x82f63b78)).init().update(bytes);
  crc32c = Buffer.from(hasher.digest('binary')).toString('base64');
});

async function downloadUrl(sandbox: Sandbox): Promise<string> {
  const { itemId } = await upload(sandbox, bytes);
  const input = { item_id: itemId, asset_id: 'data' };
  return (await succeed(sandbox, 'items.asset.download', input, descriptor)).url;
}

function clock() {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const pass = (seconds: number) => {
    time += seconds * 1000;
  };
  return { now: () => new Date(time), pass };
}

describe('a signed PUT', () => {
  it('states what storage holds', async () => {
    const sandbox = await sandboxFor();
    const { uploadUrl } = await openUpload(sandbox, bytes.length);
    expect(new URL(uploadUrl).searchParams.get('X-Goog-SignedHeaders')).toBe('content-type;host');
    const response = await put(uploadUrl, bytes);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      etag: `"${md5.toString('hex')}"`,
      'x-goog-hash': `crc32c=${crc32c},md5=${md5.toString('base64')}`,
      'x-goog-stored-content-length': String(bytes.length),
      'x-goog-generation': expect.stringMatching(/^\d+$/),
    });
  });

  it('knows the CRC32C of the digits one to nine', async () => {
    const sandbox = await sandboxFor();
    const { uploadUrl } = await openUpload(sandbox, 9);
    const response = await put(uploadUrl, Buffer.from('123456789'));
    // 0xE3069283, the check value of CRC-32C.
    expect(response.headers.get('x-goog-hash')).toContain('crc32c=4waSgw==');
  });

  it('replaces the object of an earlier one', async () => {
    const sandbox = await sandboxFor();
    const { uploadUrl, uploadId } = await openUpload(sandbox, 3);
    const both = await Promise.all([put(uploadUrl, bytes), put(uploadUrl, bytes)]);
    const third = await put(uploadUrl, Buffer.from('new'));
    const generations = [...both, third].map(({ headers }) => headers.get('x-goog-generation'));
    expect(new Set(generations).size).toBe(3);
    await succeed(sandbox, 'uploads.complete', { upload_id: uploadId }, completed);
    expect(sandbox.state().used_bytes).toBe(3);
  });

  it('takes an empty file', async () => {
    const sandbox = await sandboxFor();
    const { uploadUrl } = await openUpload(sandbox, 0);
    expect((await put(uploadUrl, Buffer.alloc(0))).status).toBe(200);
  });

  it.each([
    ['another content type', (url: string) => put(url, bytes, 'image/png'), 403],
    ['another method', (url: string) => fetch(url), 403],
    ['another object', (url: string) => put(url.replace('scene.tif', 'other.tif'), bytes), 403],
    [
      'a longer life',
      (url: string) => put(url.replace('X-Goog-Expires=900', 'X-Goog-Expires=9000'), bytes),
      403,
    ],
    ['no signature', (url: string) => put(url.replace(/\?.*/, ''), bytes), 400],
  ])('is refused with %s', async (_what, send, status) => {
    const sandbox = await sandboxFor();
    const { uploadUrl } = await openUpload(sandbox, bytes.length);
    const response = await send(uploadUrl);
    expect(response.status).toBe(status);
    const code = status === 403 ? 'SignatureDoesNotMatch' : 'MalformedSecurityHeader';
    expect(await response.text()).toContain(`<Code>${code}</Code>`);
  });

  it.each([
    [400, 'ExpiredToken'],
    [403, 'AccessDenied'],
  ] as const)('is refused with %i %s once it has expired', async (expiredStatus, code) => {
    const { now, pass } = clock();
    const sandbox = await sandboxFor({ expiredStatus, urlLifetimeSeconds: 60, now });
    const { uploadUrl } = await openUpload(sandbox, bytes.length);
    pass(60);
    expect((await put(uploadUrl, bytes)).status).toBe(200);
    pass(1);
    const response = await put(uploadUrl, bytes);
    expect(response.status).toBe(expiredStatus);
    expect(response.headers.get('content-type')).toContain('application/xml');
    expect(await response.text()).toContain(`<Code>${code}</Code>`);
  });

  it('is refused without a length', async () => {
    const sandbox = await sandboxFor();
    const { uploadUrl } = await openUpload(sandbox, bytes.length);
    const { pathname, search } = new URL(uploadUrl);
    const response = await poolFor(sandbox).request({
      path: pathname + search,
      method: 'PUT',
      headers: { 'content-type': 'image/tiff' },
      body: Readable.from([bytes]),
    });
    expect(response.statusCode).toBe(411);
    await response.body.dump();
  });

  it('leaves nothing behind when the body ends early', async () => {
    const sandbox = await sandboxFor();
    const { uploadUrl, uploadId } = await openUpload(sandbox, bytes.length);
    const { pathname, search, host, port } = new URL(uploadUrl);
    const socket = connect(Number(port), '127.0.0.1');
    const head = `PUT ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: image/tiff\r\nContent-Length: 1000\r\n\r\n`;
    socket.write(`${head}only this`);
    socket.end();
    await new Promise((resolve) => socket.on('close', resolve).resume());
    expect(sandbox.state().sessions[0]?.id).toBe(uploadId);
    await expect(
      succeed(sandbox, 'uploads.complete', { upload_id: uploadId }, descriptor),
    ).rejects.toThrow('has not been uploaded');
  });

  it('counts a credential that came along', async () => {
    const sandbox = await sandboxFor();
    const { uploadUrl } = await openUpload(sandbox, bytes.length);
    const headers = { 'Content-Type': 'image/tiff', Authorization: `Bearer ${sandbox.token}` };
    await fetch(uploadUrl, { method: 'PUT', body: bytes, headers });
    expect(sandbox.state().credentials_seen_by_storage).toBe(1);
  });
});

describe('a signed GET', () => {
  it('states what it sends', async () => {
    const sandbox = await sandboxFor();
    const response = await fetch(await downloadUrl(sandbox));
    expect(Object.fromEntries(response.headers)).toMatchObject({
      etag: `"${md5.toString('hex')}"`,
      'accept-ranges': 'bytes',
      'content-length': String(bytes.length),
      'content-type': 'image/tiff',
      'x-goog-hash': `crc32c=${crc32c},md5=${md5.toString('base64')}`,
    });
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it.each([
    ['bytes=0-9', 0, 9],
    ['bytes=99990-', 99_990, 99_999],
    ['bytes=-5', 99_995, 99_999],
    ['bytes=50-999999', 50, 99_999],
  ])('sends %s', async (range, start, end) => {
    const sandbox = await sandboxFor();
    const url = await downloadUrl(sandbox);
    const response = await fetch(url, { headers: { Range: range } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end}/100000`);
    const body = Buffer.from(await response.arrayBuffer());
    expect(body.equals(bytes.subarray(start, end + 1))).toBe(true);
    expect(sandbox.state().egress_bytes).toBe(end - start + 1);
  });

  it('refuses a range behind the end', async () => {
    const url = await downloadUrl(await sandboxFor());
    const response = await fetch(url, { headers: { Range: 'bytes=100000-' } });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe('bytes */100000');
  });

  it('honours If-Match and If-Range', async () => {
    const url = await downloadUrl(await sandboxFor());
    const etag = `"${md5.toString('hex')}"`;
    const ask = (headers: Record<string, string>) => fetch(url, { headers });
    expect((await ask({ 'If-Match': etag })).status).toBe(200);
    expect((await ask({ 'If-Match': '"other"' })).status).toBe(412);
    expect((await ask({ Range: 'bytes=0-1', 'If-Range': etag })).status).toBe(206);
    expect((await ask({ Range: 'bytes=0-1', 'If-Range': '"other"' })).status).toBe(200);
  });

  it('serves HEAD without egress', async () => {
    const sandbox = await sandboxFor();
    const response = await fetch(await downloadUrl(sandbox), { method: 'HEAD' });
    expect(response.headers.get('content-length')).toBe('100000');
    expect(sandbox.state().egress_bytes).toBe(0);
  });

  it('stops handing out URLs at the egress limit', async () => {
    const sandbox = await sandboxFor({ egressBytes: 150_000 });
    const { itemId } = await upload(sandbox, bytes);
    const input = { item_id: itemId, asset_id: 'data' };
    const { url } = await succeed(sandbox, 'items.asset.download', input, descriptor);
    await (await fetch(url)).arrayBuffer();
    await expect(succeed(sandbox, 'items.asset.download', input, descriptor)).rejects.toThrow(
      'Egress limit reached',
    );
  });
});
