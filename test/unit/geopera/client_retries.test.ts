import { describe, expect, it } from 'vitest';
import { items } from '../../../src/operations/items.ts';
import { uploads } from '../../../src/operations/uploads.ts';
import { clientFor } from './patient_client.ts';
import { deadAddress, hangUp, json, type TinyApi, tinyApi } from './tiny_api.ts';

const never = new AbortController().signal;

describe('a call that gets no answer', () => {
  it('is not sent again if it may have acted', async () => {
    const api = await tinyApi(hangUp, json({ id: 'u_1' }));
    const { client, waits } = clientFor(api.url);
    const call = client.call(uploads.complete, { upload_id: 'u_1' }, never);
    await expect(call).rejects.toMatchObject({ kind: 'unreachable', fateUnknown: true });
    expect([api.requests.length, waits]).toEqual([1, []]);
  });

  it('is sent again where that does no harm', async () => {
    const listing = await tinyApi(hangUp, hangUp, json([]));
    await clientFor(listing.url).client.call(items.list, { project_id: 'p' }, never);
    const signature = await tinyApi(hangUp, json({ upload_url: 'u', object_path: 'o' }));
    const file = { upload_id: 'u', file_name: 'f' };
    await clientFor(signature.url).client.call(uploads.signedUrl, file, never);
    const descriptor = await tinyApi(hangUp, json({ url: 'u' }));
    const asset = { item_id: 'i', asset_id: 'a' };
    await clientFor(descriptor.url).client.call(items.assetDownload, asset, never);
    const sent = [listing, signature, descriptor].map(({ requests }) => requests.length);
    expect(sent).toEqual([3, 2, 2]);
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

  it('waits no longer in all than the patience it was given', async () => {
    const limited = json({ detail: 'slow down' }, 429, { 'retry-after': '7' });
    const api = await tinyApi(limited);
    const { client, waits } = clientFor(api.url);
    await expect(
      client.call(items.get, { item_id: 'i' }, never, { patienceMs: 10_000 }),
    ).rejects.toMatchObject({
      kind: 'rate_limited',
      retryAfterSeconds: 7,
    });
    expect([api.requests.length, waits]).toEqual([2, [7000]]);
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

describe('an operation that takes an idempotency key', () => {
  const keysOf = ({ requests }: TinyApi) => requests.map((it) => it.headers['idempotency-key']);
  const busy = json({}, 429);

  it('carries the same one at every try, and another one at the next call', async () => {
    const api = await tinyApi(busy, json({ id: 'u' }));
    const { client } = clientFor(api.url);
    await client.call(uploads.initiate, { project_id: 'p' }, never);
    await client.call(uploads.initiate, { project_id: 'p' }, never);
    const [first, again, next] = keysOf(api);
    expect(first).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(again).toBe(first);
    expect(next).not.toBe(first);
  });

  it('carries the one that it is given', async () => {
    const api = await tinyApi(busy, json({ id: 'u' }));
    const terms = { idempotencyKey: 'mine' };
    await clientFor(api.url).client.call(uploads.initiate, { project_id: 'p' }, never, terms);
    expect(keysOf(api)).toEqual(['mine', 'mine']);
  });

  it('is the only one that carries any', async () => {
    const api = await tinyApi(json({ id: 'u' }));
    const input = { upload_id: 'u', error_message: 'm' };
    await clientFor(api.url).client.call(uploads.fail, input, never, { idempotencyKey: 'mine' });
    expect(keysOf(api)).toEqual([undefined]);
  });
});
