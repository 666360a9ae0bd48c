import { Agent } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGeoperaClient, type GeoperaClientOptions } from '../../../src/geopera/client.ts';
import { clip } from '../../../src/operations/clip.ts';
import { items } from '../../../src/operations/items.ts';
import { uploads } from '../../../src/operations/uploads.ts';
import { deadAddress, hangUp, json, silence, text, tinyApi } from './tiny_api.ts';

const never = new AbortController().signal;

/** A client that waits in no time, and keeps how long it would have waited. */
function clientFor(apiUrl: string, more: Partial<GeoperaClientOptions> = {}) {
  const waits: number[] = [];
  const client = createGeoperaClient({
    apiUrl,
    token: 'gpra_test',
    wait: async (ms) => {
      waits.push(ms);
    },
    random: () => 0,
    ...more,
  });
  return { client, waits };
}

describe('a call', () => {
  it('is a POST of JSON to /v1/op/{id} with the Bearer token', async () => {
    const api = await tinyApi(json({ id: 'u_1', extra: true }));
    const { client } = clientFor(api.url);
    const answer = await client.call(uploads.initiate, { project_id: 'p' }, never);
    expect(answer).toEqual({ id: 'u_1', extra: true });
    const [request] = api.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/v1/op/uploads.initiate' });
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer gpra_test',
      'content-type': 'application/json',
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      project_id: 'p',
      transfer_method: 'browser',
      file_count: 1,
      total_bytes: 0,
      is_categorical: false,
    });
  });

  it('keeps the path of the API address', async () => {
    const api = await tinyApi(json([]));
    await clientFor(`${api.url}/geopera`).client.call(items.list, { project_id: 'p' }, never);
    expect(api.requests[0]?.path).toBe('/geopera/v1/op/items.list');
  });

  it('goes through the dispatcher that is given', async () => {
    const api = await tinyApi(json({ id: 'u_1' }));
    const agent = new Agent();
    onTestFinished(() => agent.close());
    const { client } = clientFor('http://api.invalid', {
      dispatcher: async () =>
        agent.compose((dispatch) => (options, handler) => {
          return dispatch({ ...options, origin: api.url }, handler);
        }),
    });
    await client.call(uploads.fail, { upload_id: 'u_1', error_message: 'x' }, never);
    expect(api.requests).toHaveLength(1);
  });

  it.each([201, 202])('takes a %i as well as a 200', async (status) => {
    const api = await tinyApi(json({ id: 'u_1' }, status));
    const call = clientFor(api.url).client.call(uploads.initiate, { project_id: 'p' }, never);
    await expect(call).resolves.toEqual({ id: 'u_1' });
  });

  it('refuses before any request where there is no token', async () => {
    const api = await tinyApi(json({}));
    const { client, waits } = clientFor(api.url, { token: undefined });
    const failed = { kind: 'no_token', fateUnknown: false };
    await expect(client.call(items.get, { item_id: 'i' }, never)).rejects.toMatchObject(failed);
    await expect(client.userinfo(never)).rejects.toMatchObject(failed);
    expect([api.requests.length, waits]).toEqual([0, []]);
  });

  it('throws the refusal of the API, once for all', async () => {
    const api = await tinyApi(json({ detail: 'quota exceeded' }, 402));
    const call = clientFor(api.url).client.call(uploads.initiate, { project_id: 'p' }, never);
    await expect(call).rejects.toMatchObject({
      kind: 'payment_required',
      operationId: 'uploads.initiate',
      detail: 'quota exceeded',
      status: 402,
    });
    expect(api.requests).toHaveLength(1);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a %i', async (status) => {
    const elsewhere = await tinyApi(json({ id: 'u_1' }));
    const api = await tinyApi(text('', { location: `${elsewhere.url}/taken` }, status));
    const call = clientFor(api.url).client.call(uploads.initiate, { project_id: 'p' }, never);
    await expect(call).rejects.toMatchObject({ kind: 'unexpected_answer', fateUnknown: true });
    expect(api.requests).toHaveLength(1);
    expect(elsewhere.requests).toHaveLength(0);
  });

  it.each([
    ['lacks a field', json({ item: 'i' }), 'the answer lacks or misstates: item'],
    ['is a list', json([]), 'the answer lacks or misstates: body'],
    ['is not JSON', text('<html>'), 'the answer is not JSON'],
    ['is empty', text(''), 'the answer lacks or misstates: body'],
  ])('throws unexpected_answer if the answer %s', async (_, handler, detail) => {
    const api = await tinyApi(handler);
    const call = clientFor(api.url).client.call(items.get, { item_id: 'i' }, never);
    await expect(call).rejects.toMatchObject({ kind: 'unexpected_answer', detail });
    expect(api.requests).toHaveLength(1);
  });
});

describe('a call that gets no answer', () => {
  it('is not sent again if it may have acted', async () => {
    const api = await tinyApi(hangUp, json({ id: 'u_1' }));
    const { client, waits } = clientFor(api.url);
    const call = client.call(uploads.complete, { upload_id: 'u_1' }, never);
    await expect(call).rejects.toMatchObject({ kind: 'unreachable', fateUnknown: true });
    expect([api.requests.length, waits]).toEqual([1, []]);
  });

  it.each([
    ['a read', items.list, { project_id: 'p' }],
    ['a signature', uploads.signedUrl, { upload_id: 'u', file_name: 'f' }],
    ['an asset download', items.assetDownload, { item_id: 'i', asset_id: 'a' }],
  ] as const)('is sent again for %s', async (_, operation, input) => {
    const api = await tinyApi(hangUp, hangUp, json({ upload_url: 'u', object_path: 'o' }));
    const { client } = clientFor(api.url);
    const answer =
      operation.id === 'uploads.signed_url'
        ? client.call(operation, { upload_id: 'u', file_name: 'f' }, never)
        : client.openFile(operation, input, never);
    await expect(answer).resolves.toBeDefined();
    expect(api.requests).toHaveLength(3);
  });

  it('is given up after four tries', async () => {
    const api = await tinyApi(hangUp);
    const { client, waits } = clientFor(api.url, { random: () => 1 });
    await expect(client.call(items.list, { project_id: 'p' }, never)).rejects.toMatchObject({
      kind: 'unreachable',
    });
    expect([api.requests.length, waits]).toEqual([4, [500, 1000, 2000]]);
  });

  it('is sent again whatever it does, if it never left', async () => {
    const { client, waits } = clientFor(await deadAddress());
    const call = client.call(uploads.complete, { upload_id: 'u_1' }, never);
    await expect(call).rejects.toMatchObject({
      kind: 'unreachable',
      fateUnknown: false,
      detail: 'the API gave no answer (ECONNREFUSED)',
    });
    expect(waits).toHaveLength(3);
  });

  it('has an unknown fate also if the answer breaks off', async () => {
    const api = await tinyApi((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"id":', () => response.destroy());
    });
    const call = clientFor(api.url).client.call(uploads.complete, { upload_id: 'u_1' }, never);
    await expect(call).rejects.toMatchObject({ kind: 'unreachable', fateUnknown: true });
  });

  it('names no token and no address in its error', async () => {
    const { client } = clientFor(await deadAddress());
    const failure = await client.call(items.get, { item_id: 'i' }, never).catch(String);
    expect(failure).toBe('GeoperaError: items.get: the API gave no answer (ECONNREFUSED)');
  });
});

describe('a call that is turned away for now', () => {
  it('waits as long as a 429 asks, then goes again, also where it must act once', async () => {
    const limited = json({ detail: 'slow down' }, 429, { 'retry-after': '7' });
    const api = await tinyApi(limited, limited, json({ id: 'u_1' }));
    const { client, waits } = clientFor(api.url);
    await client.call(uploads.initiate, { project_id: 'p' }, never);
    expect([api.requests.length, waits]).toEqual([3, [7000, 7000]]);
  });

  it('reads a Retry-After date by its own clock', async () => {
    const limited = json({}, 429, { 'retry-after': 'Sun, 01 Jun 2025 12:00:30 GMT' });
    const api = await tinyApi(limited, json({ id: 'u_1' }));
    const now = () => Date.parse('2025-06-01T12:00:00Z');
    const { client, waits } = clientFor(api.url, { now });
    await client.call(uploads.initiate, { project_id: 'p' }, never);
    expect(waits).toEqual([30_000]);
  });

  it('gives up at once where the wait is too long, and says how long', async () => {
    const api = await tinyApi(json({ detail: 'egress limit' }, 429, { 'retry-after': '3600' }));
    const { client, waits } = clientFor(api.url);
    await expect(client.call(items.get, { item_id: 'i' }, never)).rejects.toMatchObject({
      kind: 'rate_limited',
      retryAfterSeconds: 3600,
    });
    expect([api.requests.length, waits]).toEqual([1, []]);
  });

  it('repeats a read after a 503, and nothing that may have acted', async () => {
    const reads = await tinyApi(json({}, 503), json([]));
    await clientFor(reads.url).client.call(items.list, { project_id: 'p' }, never);
    expect(reads.requests).toHaveLength(2);
    const acts = await tinyApi(json({}, 503), json({ id: 'u' }));
    const call = clientFor(acts.url).client.call(uploads.initiate, { project_id: 'p' }, never);
    await expect(call).rejects.toMatchObject({ kind: 'unavailable', fateUnknown: true });
    expect(acts.requests).toHaveLength(1);
  });
});

describe('cancelling', () => {
  const reason = new DOMException('cancelled by the client', 'AbortError');

  it('throws the reason while the API is silent', async () => {
    const cancel = new AbortController();
    const api = await tinyApi((response, request) => {
      silence(response, request);
      cancel.abort(reason);
    });
    const call = clientFor(api.url).client.call(items.list, { project_id: 'p' }, cancel.signal);
    await expect(call).rejects.toBe(reason);
    expect(api.requests).toHaveLength(1);
  });

  it('throws the reason in the middle of an answer', async () => {
    const cancel = new AbortController();
    const api = await tinyApi((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"id":', () => setImmediate(() => cancel.abort(reason)));
    });
    const call = clientFor(api.url).client.call(items.list, { project_id: 'p' }, cancel.signal);
    await expect(call).rejects.toBe(reason);
  });

  it('throws the reason before anything is sent', async () => {
    const api = await tinyApi(json([]));
    const signal = AbortSignal.abort(reason);
    const call = clientFor(api.url).client.call(items.list, { project_id: 'p' }, signal);
    await expect(call).rejects.toBe(reason);
    expect(api.requests).toHaveLength(0);
  });

  it('ends the wait before the next try', async () => {
    const cancel = new AbortController();
    const api = await tinyApi(json({}, 429, { 'retry-after': '30' }));
    const { client } = clientFor(api.url, {
      wait: async (_ms, signal) => {
        cancel.abort(reason);
        signal.throwIfAborted();
      },
    });
    await expect(client.call(items.list, { project_id: 'p' }, cancel.signal)).rejects.toBe(reason);
    expect(api.requests).toHaveLength(1);
  });
});

describe('userinfo', () => {
  it('is a GET with the same token', async () => {
    const api = await tinyApi(json({ scope: 'openid' }));
    expect(await clientFor(api.url).client.userinfo(never)).toEqual({ scope: 'openid' });
    expect(api.requests[0]).toMatchObject({
      method: 'GET',
      path: '/realms/public/protocol/openid-connect/userinfo',
      headers: { authorization: 'Bearer gpra_test' },
    });
  });

  it('throws its refusal', async () => {
    const api = await tinyApi(json({ error: 'invalid_token' }, 401));
    await expect(clientFor(api.url).client.userinfo(never)).rejects.toMatchObject({
      kind: 'unauthenticated',
      operationId: 'userinfo',
    });
  });
});

describe('a file operation answers', () => {
  const input = { job_id: 'j', mosaic_type: 'visual' };
  const openFrom = async (api: { url: string }) =>
    clientFor(api.url).client.openFile(clip.jobDownload, input, never);

  it.each(['application/json', 'application/json; charset=utf-8', 'application/problem+json'])(
    'a value for %s',
    async (type) => {
      const api = await tinyApi(text('{"url":"https://s.example/o"}', { 'content-type': type }));
      const value = { url: 'https://s.example/o' };
      expect(await openFrom(api)).toEqual({ kind: 'json', value });
    },
  );

  it.each([
    ['absolute', 'https://s.example/o?sig=1', 'https://s.example/o?sig=1'],
    ['relative to the host', '/files/o?sig=1', '{api}/files/o?sig=1'],
  ])('a redirect, told and not followed: %s', async (_, location, target) => {
    const api = await tinyApi(text('', { location }, 307));
    const told = { kind: 'redirect', location: target.replace('{api}', api.url) };
    expect(await openFrom(api)).toEqual(told);
    expect(api.requests).toHaveLength(1);
  });

  it.each([
    ['no target', {}],
    ['no address', { location: 'http://' }],
  ])('unexpected_answer for a redirect with %s', async (_, headers) => {
    const api = await tinyApi(text('', headers, 302));
    await expect(openFrom(api)).rejects.toMatchObject({ kind: 'unexpected_answer' });
  });

  it('the bytes themselves, with their headers', async () => {
    const api = await tinyApi(text('II*\0bytes', { 'content-type': 'image/tiff' }));
    const answer = await openFrom(api);
    if (answer.kind !== 'body') throw new Error(`a body was expected, not ${answer.kind}`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('II*\0bytes');
    expect(answer.headers['content-type']).toBe('image/tiff');
  });

  it('bytes that may be left unread', async () => {
    const closed = new Promise<void>((resolve) => {
      void tinyApi((response) => {
        response.on('close', resolve);
        response.writeHead(200, { 'content-type': 'image/tiff', 'content-length': '1000' });
        response.write('II*');
      }).then(async (api) => {
        const answer = await openFrom(api);
        if (answer.kind === 'body') answer.discard();
      });
    });
    await closed;
  });

  it('nothing where it is refused', async () => {
    const api = await tinyApi(json({ detail: 'no such job' }, 404));
    await expect(openFrom(api)).rejects.toMatchObject({ kind: 'not_found' });
  });
});
