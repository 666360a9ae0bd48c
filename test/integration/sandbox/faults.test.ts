import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Fault, Sandbox } from '../../../src/sandbox/sandbox.ts';
import {
  call,
  descriptor,
  openUpload,
  poolFor,
  put,
  sandboxFor,
  signed,
  succeed,
  upload,
  withId,
} from './sandbox_fixture.ts';

const bytes = Buffer.alloc(300_000, 'geopera');

async function downloadUrl(sandbox: Sandbox): Promise<string> {
  const { itemId } = await upload(sandbox, bytes);
  const input = { item_id: itemId, asset_id: 'data' };
  return (await succeed(sandbox, 'items.asset.download', input, descriptor)).url;
}

/** Reads a body until it ends or breaks, and answers how many bytes came and whether it broke. */
async function drain(sandbox: Sandbox, url: string) {
  const { pathname, search } = new URL(url);
  const { body } = await poolFor(sandbox).request({ path: pathname + search, method: 'GET' });
  let received = 0;
  try {
    for await (const chunk of body) received += chunk.length;
    return { received, broken: false };
  } catch {
    return { received, broken: true };
  }
}

describe('a fault at storage', () => {
  it.each<[Fault['do'], number, string]>([
    [{ status: 503 }, 503, 'ServiceUnavailable'],
    [{ status: 429, retry_after: 7 }, 429, 'SlowDown'],
    [{ expire: true }, 400, 'ExpiredToken'],
  ])('answers %j once', async (action, status, code) => {
    const sandbox = await sandboxFor();
    const { uploadUrl } = await openUpload(sandbox, bytes.length);
    sandbox.inject({ on: 'storage.put', do: action });
    const refused = await put(uploadUrl, bytes);
    expect(refused.status).toBe(status);
    expect(await refused.text()).toContain(`<Code>${code}</Code>`);
    expect(refused.headers.get('retry-after')).toBe(status === 429 ? '7' : null);
    expect((await put(uploadUrl, bytes)).status).toBe(200);
  });

  it('strikes as often, and as late, as it was told', async () => {
    const sandbox = await sandboxFor();
    const { uploadUrl } = await openUpload(sandbox, bytes.length);
    sandbox.inject({ on: 'storage.put', after: 1, times: 2, do: { status: 500 } });
    const statuses = [];
    for (let turn = 0; turn < 4; turn += 1) statuses.push((await put(uploadUrl, bytes)).status);
    expect(statuses).toEqual([200, 500, 500, 200]);
  });

  it.each<Fault['do']>([{ cut_after_bytes: 1000 }, { lose_answer: true }])(
    'breaks a PUT: %j',
    async (action) => {
      const sandbox = await sandboxFor();
      const { uploadUrl, uploadId } = await openUpload(sandbox, bytes.length);
      sandbox.inject({ on: 'storage.put', do: action });
      await expect(put(uploadUrl, bytes)).rejects.toThrow();
      const answer = await call(sandbox, 'uploads.complete', { upload_id: uploadId });
      expect(answer.status).toBe('lose_answer' in action ? 200 : 422);
    },
  );

  it('ends when a request still waits behind another one on its connection', async () => {
    const sandbox = await sandboxFor();
    const { pathname, search, host, port } = new URL(await downloadUrl(sandbox));
    sandbox.inject({ on: 'storage.get', do: { stall_after_bytes: 1000 } });
    const socket = connect(Number(port), '127.0.0.1');
    const get = `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    socket.write(get + get);
    const before = sandbox.state().egress_bytes;
    await vi.waitUntil(() => sandbox.state().egress_bytes > before);
    socket.destroy();
    await sandbox.close();
  });

  it.each(['storage.put', 'storage.get'])('stalls %s until the client leaves', async (on) => {
    const sandbox = await sandboxFor();
    const { uploadUrl } = await openUpload(sandbox, bytes.length);
    const url = on === 'storage.put' ? uploadUrl : await downloadUrl(sandbox);
    sandbox.inject({ on, do: { stall_after_bytes: 1000 } });
    const { pathname, search, port, host } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1');
    const length = on === 'storage.put' ? `Content-Length: ${bytes.length}\r\n` : '';
    const method = on === 'storage.put' ? 'PUT' : 'GET';
    socket.write(
      `${method} ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: image/tiff\r\n${length}\r\n`,
    );
    if (on === 'storage.put') socket.write(bytes.subarray(0, 2000));
    else await new Promise((resolve) => socket.once('data', resolve));
    // Nothing may answer while we hold on; a request on another connection is still served.
    expect((await fetch(`${sandbox.url}/healthz`)).status).toBe(200);
    expect(socket.readableEnded).toBe(false);
    socket.destroy();
    await sandbox.close();
  });

  it('answers early, while the body is still coming', async () => {
    const sandbox = await sandboxFor();
    const { uploadUrl } = await openUpload(sandbox, bytes.length);
    sandbox.inject({
      on: 'storage.put',
      do: { early_refusal: { status: 403, code: 'AccessDenied' } },
    });
    const { pathname, search, port, host } = new URL(uploadUrl);
    const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
    socket.write(
      `PUT ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: image/tiff\r\nContent-Length: ${bytes.length}\r\n\r\n`,
    );
    socket.write(bytes.subarray(0, 1000));
    const chunks: Buffer[] = [];
    for await (const chunk of socket) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
    expect(text).toContain('<Code>AccessDenied</Code>');
  });

  it.each([
    ['checksum', 'x-goog-hash'],
    ['length', 'x-goog-stored-content-length'],
  ] as const)('lies about the %s', async (lie, header) => {
    const sandbox = await sandboxFor();
    const { uploadUrl } = await openUpload(sandbox, bytes.length);
    sandbox.inject({ on: 'storage.put', do: { lie } });
    const [lying, honest] = [await put(uploadUrl, bytes), await put(uploadUrl, bytes)];
    expect(lying.headers.get(header)).not.toBe(honest.headers.get(header));
    expect(lying.headers.get('etag')).toBe(honest.headers.get('etag'));
  });

  it('keeps only part of a PUT and says so in the checksum', async () => {
    const sandbox = await sandboxFor();
    const { uploadUrl } = await openUpload(sandbox, bytes.length);
    sandbox.inject({ on: 'storage.put', do: { truncate_to_bytes: 10 } });
    const response = await put(uploadUrl, bytes);
    expect(response.headers.get('x-goog-stored-content-length')).toBe('10');
  });

  it.each<[Fault['do'], number, boolean]>([
    [{ cut_after_bytes: 0 }, 0, true],
    [{ cut_after_bytes: 70_000 }, 70_000, true],
    [{ truncate_to_bytes: 70_000 }, 70_000, false],
  ])('ends a GET early: %j', async (action, received, broken) => {
    const sandbox = await sandboxFor();
    const url = await downloadUrl(sandbox);
    sandbox.inject({ on: 'storage.get', do: action });
    expect(await drain(sandbox, url)).toEqual({ received, broken });
    expect(sandbox.state().egress_bytes).toBe(received);
    expect(await drain(sandbox, url)).toEqual({ received: bytes.length, broken: false });
  });

  it('sends no faster than it was told, and leaves with the client', async () => {
    const sandbox = await sandboxFor();
    const url = await downloadUrl(sandbox);
    sandbox.inject({ on: 'storage.get', do: { bytes_per_second: 1 } });
    const gone = new AbortController();
    const { body } = await fetch(url, { signal: gone.signal });
    const first = await body?.getReader().read();
    expect(first?.value?.length).toBe(sandbox.state().egress_bytes);
    expect(sandbox.state().egress_bytes).toBeLessThan(bytes.length);
    gone.abort();
  });

  it.each(['storage.put', 'storage.get'])('a slow %s is whole', async (on) => {
    const sandbox = await sandboxFor();
    sandbox.inject({ on, do: { bytes_per_second: 10_000_000 } });
    const response = await fetch(await downloadUrl(sandbox));
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    expect(sandbox.state().faults_struck).toBe(1);
  });

  it('replaces an object before it answers', async () => {
    const sandbox = await sandboxFor();
    const url = await downloadUrl(sandbox);
    const before = await fetch(url, { headers: { Range: 'bytes=0-9' } });
    sandbox.inject({ on: 'storage.get', do: { replace_object: true } });
    const headers = { Range: 'bytes=10-', 'If-Match': before.headers.get('etag') ?? '' };
    expect((await fetch(url, { headers })).status).toBe(412);
    const after = await fetch(url);
    expect(after.headers.get('content-length')).toBe(String(bytes.length));
    const inverted = Buffer.from(bytes.map((byte) => byte ^ 0xff));
    expect(Buffer.from(await after.arrayBuffer()).equals(inverted)).toBe(true);
  });

  it('sends the whole object to whoever asked for a range', async () => {
    const sandbox = await sandboxFor();
    const url = await downloadUrl(sandbox);
    sandbox.inject({ on: 'storage.get', do: { ignore_range: true } });
    const answer = await fetch(url, { headers: { Range: 'bytes=10-19' } });
    expect([answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([200, bytes.length]);
  });
});

describe('a fault on an operation', () => {
  it('answers a status with the body and headers given', async () => {
    const sandbox = await sandboxFor();
    const body = { detail: 'later' };
    const headers = { 'X-Request-Id': 'r1' };
    sandbox.inject({ on: 'items.get', do: { status: 429, body, retry_after: 3, headers } });
    const answer = await call(sandbox, 'items.get', { item_id: 'x' });
    expect(answer).toMatchObject({ status: 429, body });
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(answer.headers.get('x-request-id')).toBe('r1');
    expect((await call(sandbox, 'items.get', { item_id: 'x' })).status).toBe(404);
  });

  it('loses the answer of work that was done', async () => {
    const sandbox = await sandboxFor();
    const { uploadId } = await openUpload(sandbox, 1);
    sandbox.inject({ on: 'uploads.fail', do: { lose_answer: true } });
    const failure = { upload_id: uploadId, error_message: 'x' };
    await expect(call(sandbox, 'uploads.fail', failure)).rejects.toThrow();
    expect(sandbox.state().sessions).toMatchObject([{ status: 'failed' }]);
  });

  it('hands out a URL that has expired', async () => {
    const sandbox = await sandboxFor();
    const start = { project_id: sandbox.projectId, total_bytes: bytes.length };
    const { id } = await succeed(sandbox, 'uploads.initiate', start, withId);
    sandbox.inject({ on: 'uploads.signed_url', do: { expire: true } });
    const file = { upload_id: id, file_name: 'a.tif', content_type: 'image/tiff' };
    const stale = await succeed(sandbox, 'uploads.signed_url', file, signed);
    const fresh = await succeed(sandbox, 'uploads.signed_url', file, signed);
    expect(await (await put(stale.upload_url, bytes)).text()).toContain('ExpiredToken');
    expect((await put(fresh.upload_url, bytes)).status).toBe(200);
  });
});

describe('POST /sandbox/faults', () => {
  async function send(sandbox: Sandbox, token: string, fault: unknown): Promise<number> {
    const response = await fetch(`${sandbox.url}/sandbox/faults`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
      body: JSON.stringify(fault),
    });
    await response.body?.cancel();
    return response.status;
  }

  it('is taken back by DELETE, as far as it has not struck', async () => {
    const sandbox = await sandboxFor();
    const url = await downloadUrl(sandbox);
    sandbox.inject({ on: 'storage.get', times: 9, do: { status: 503 } });
    const headers = { Authorization: `Bearer ${sandbox.token}` };
    expect((await fetch(url)).status).toBe(503);
    expect((await fetch(`${sandbox.url}/sandbox/faults`, { method: 'DELETE' })).status).toBe(401);
    expect((await fetch(url)).status).toBe(503);
    await fetch(`${sandbox.url}/sandbox/faults`, { method: 'DELETE', headers });
    expect((await fetch(url)).status).toBe(200);
    expect(sandbox.state().faults_struck).toBe(2);
  });

  it('takes a fault from the main token alone', async () => {
    const sandbox = await sandboxFor();
    const fault = { on: 'items.get', do: { status: 500 } };
    expect(await send(sandbox, sandbox.issueToken({ scopes: ['*'] }), fault)).toBe(401);
    expect(await send(sandbox, sandbox.token, fault)).toBe(200);
    expect((await call(sandbox, 'items.get', { item_id: 'x' })).status).toBe(500);
  });

  it.each([
    { on: 'nothing', do: { status: 500 } },
    { on: 'items.get' },
    { on: 'items.get', do: { explode: true } },
    { on: 'items.get', times: 0, do: { status: 500 } },
  ])('refuses %j', async (fault) => {
    const sandbox = await sandboxFor();
    expect(await send(sandbox, sandbox.token, fault)).toBe(422);
    expect(() => sandbox.inject(z.custom<Fault>().parse(fault))).toThrow();
  });
});
