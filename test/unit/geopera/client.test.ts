import { Agent } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { items } from '../../../src/operations/items.ts';
import { uploads } from '../../../src/operations/uploads.ts';
import { clientFor } from './patient_client.ts';
import { json, silence, text, tinyApi } from './tiny_api.ts';

const never = new AbortController().signal;

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

  it('asks for the token at each try, since it may have been renewed', async () => {
    const api = await tinyApi(json({}, 429), json({ id: 'u_1' }));
    const tokens = ['gpra_old', 'gpra_new'];
    const { client } = clientFor(api.url, { token: () => tokens.shift() });
    await client.call(uploads.initiate, { project_id: 'p' }, never);
    const sent = api.requests.map(({ headers }) => headers['authorization']);
    expect(sent).toEqual(['Bearer gpra_old', 'Bearer gpra_new']);
  });

  it('refuses before any request where there is no token', async () => {
    const api = await tinyApi(json({}));
    const { client, waits } = clientFor(api.url, { token: () => undefined });
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
    await expect(call).rejects.toMatchObject({ kind: 'not_the_api', fateUnknown: false });
    expect(api.requests).toHaveLength(1);
    expect(elsewhere.requests).toHaveLength(0);
  });

  it.each([
    ['lacks a field', json({ item: 'i' }), 'the answer lacks or misstates: item'],
    ['is a list', json([]), 'the answer lacks or misstates: body'],
    ['is empty', text(''), 'the answer lacks or misstates: body'],
  ])('throws unexpected_answer if the answer %s', async (_, handler, detail) => {
    const api = await tinyApi(handler);
    const call = clientFor(api.url).client.call(items.get, { item_id: 'i' }, never);
    await expect(call).rejects.toMatchObject({ kind: 'unexpected_answer', detail });
    expect(api.requests).toHaveLength(1);
  });
});

describe('something else that answers', () => {
  it.each([
    ['a page instead of JSON', text('<html>'), 'the answer is not JSON'],
    ['a 404 that is no Problem', text('<html>', {}, 404), 'HTTP 404 without an explanation'],
  ])('%s is not taken for the API', async (_, handler, detail) => {
    const api = await tinyApi(handler);
    const call = clientFor(api.url).client.call(items.get, { item_id: 'i' }, never);
    await expect(call).rejects.toMatchObject({ kind: 'not_the_api', detail });
  });
});

describe('an API that does not answer', () => {
  it('is given up after the time that the operation has', async () => {
    const api = await tinyApi(() => undefined);
    const brief = { ...uploads.initiate, answerSeconds: 0.1 };
    const call = clientFor(api.url).client.call(brief, { project_id: 'p' }, never);
    await expect(call).rejects.toMatchObject({ kind: 'unreachable', fateUnknown: true });
    expect(api.requests).toHaveLength(1);
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
      // More than any buffer on the way holds: once it is written, the client is at reading it.
      response.write(' '.repeat(20 * 1024 * 1024), () => cancel.abort(reason));
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
