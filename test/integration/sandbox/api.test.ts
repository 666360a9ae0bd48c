import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { catalogue } from '../../../src/operations/catalogue.ts';
import { operationHandlers } from '../../../src/sandbox/operation_handlers.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { call, sandboxFor, succeed, upload, withId } from './sandbox_fixture.ts';

const USERINFO = '/realms/public/protocol/openid-connect/userinfo';
const bytes = Buffer.from('bytes');

function start(sandbox: Sandbox, extra: Record<string, unknown> = {}) {
  return { project_id: sandbox.projectId, total_bytes: 1, ...extra };
}

describe('an operation', () => {
  it.each(['/v1/op/uploads.initiate', '/v1/uploads/initiate'])('is served at %s', async (path) => {
    const sandbox = await sandboxFor();
    const credentials: Record<string, string>[] = [
      { Authorization: `Bearer ${sandbox.token}` },
      { 'X-API-Key': sandbox.token },
    ];
    for (const headers of credentials) {
      const body = JSON.stringify(start(sandbox));
      const response = await fetch(sandbox.url + path, { method: 'POST', headers, body });
      expect(await response.json()).toEqual({ id: expect.any(String) });
    }
  });

  it.each([
    ['no token', {}],
    ['an unknown token', { Authorization: 'Bearer gpra_nobody' }],
    ['a token of another scheme', { Authorization: 'Basic abc' }],
  ])('answers 401 to %s', async (_what, headers) => {
    const sandbox = await sandboxFor();
    const url = `${sandbox.url}/v1/op/items.get`;
    const response = await fetch(url, { method: 'POST', headers, body: '{}' });
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ title: 'Unauthorized', status: 401 });
  });

  it('answers 404 to an operation that there is not', async () => {
    const answer = await call(await sandboxFor(), 'orders.guess', {});
    expect(answer).toMatchObject({ status: 404, body: { title: 'Not Found', status: 404 } });
  });

  it('answers 501 to an operation that it does not act out, after the scope', async () => {
    const sandbox = await sandboxFor();
    const silent = catalogue.find(({ id }) => operationHandlers[id] === undefined);
    const id = silent?.id ?? '';
    expect(await call(sandbox, id, {})).toMatchObject({
      status: 501,
      mediaType: 'application/problem+json',
      body: { status: 501, detail: `the sandbox does not act out ${id}` },
    });
    const token = sandbox.issueToken({ scopes: [] });
    expect((await call(sandbox, id, {}, token)).status).toBe(403);
  });

  it('names the scope that is missing as the API does', async () => {
    const sandbox = await sandboxFor();
    const token = sandbox.issueToken({ scopes: ['items:read'] });
    const answer = await call(sandbox, 'uploads.initiate', {}, token);
    expect(answer).toMatchObject({
      status: 403,
      mediaType: 'application/problem+json',
      body: { detail: "missing scope 'uploads:write' for 'uploads.initiate'" },
    });
  });

  it.each(['uploads:write', 'uploads:*', '*:write', '*'])('is met by scope %s', async (scope) => {
    const sandbox = await sandboxFor();
    const token = sandbox.issueToken({ scopes: ['items:read', scope] });
    expect((await call(sandbox, 'uploads.initiate', start(sandbox), token)).status).toBe(200);
  });

  it('answers 403 in other words to a role that may only look', async () => {
    const sandbox = await sandboxFor();
    const token = sandbox.issueToken({ scopes: ['*'], role: 'viewer' });
    const answer = await call(sandbox, 'uploads.initiate', start(sandbox), token);
    expect(answer.status).toBe(403);
    expect(JSON.stringify(answer.body)).not.toContain('missing scope');
  });

  it('hides projects of others like those that do not exist', async () => {
    const sandbox = await sandboxFor();
    const { foreign_project_id } = sandbox.state();
    const ask = (project_id: string) =>
      call(sandbox, 'uploads.initiate', start(sandbox, { project_id }));
    const [foreign, unknown] = [await ask(foreign_project_id), await ask('proj_none')];
    expect(foreign.status).toBe(404);
    expect(foreign.body).toEqual(unknown.body);
  });

  it.each([
    [{}, ['project_id'], 'missing', 'Field required'],
    [{ project_id: 7 }, ['project_id'], 'string_type', 'Input should be a valid string'],
    [
      { project_id: 'p', file_count: 0 },
      ['file_count'],
      'greater_than_equal',
      'Input should be greater than or equal to 1',
    ],
    [
      { project_id: 'p', total_bytes: 1.5 },
      ['total_bytes'],
      'int_type',
      'Input should be a valid integer',
    ],
    [
      { project_id: 'p', is_categorical: 1 },
      ['is_categorical'],
      'bool_type',
      'Input should be a valid boolean',
    ],
    [
      { project_id: 'p', transfer_method: null },
      ['transfer_method'],
      'literal_error',
      "Input should be 'browser', 'cli', 'cloud_transfer' or 'signed_url'",
    ],
  ])('words a bad body %j as FastAPI does', async (body, path, type, msg) => {
    const answer = await call(await sandboxFor(), 'uploads.initiate', body);
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual({ detail: [{ loc: ['body', ...path], msg, type }] });
  });

  it.each([
    ['', 'missing'],
    ['{', 'json_invalid'],
    ['null', 'missing'],
    ['[]', 'dict_type'],
  ])('refuses the body %j', async (body, type) => {
    const sandbox = await sandboxFor();
    const response = await fetch(`${sandbox.url}/v1/op/uploads.initiate`, {
      method: 'POST',
      headers: { 'X-API-Key': sandbox.token },
      body,
    });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ detail: [{ loc: ['body'], type }] });
  });

  it('passes over members that it does not know, and null for optional ones', async () => {
    const sandbox = await sandboxFor();
    const body = start(sandbox, { future: 1, target_item_id: null, asset_key: null });
    expect((await call(sandbox, 'uploads.initiate', body)).status).toBe(200);
  });

  it('answers 413 to a body that no operation needs', async () => {
    const answer = await call(await sandboxFor(), 'items.get', { item_id: 'x'.repeat(2_000_000) });
    expect(answer.status).toBe(413);
  });
});

describe('items', () => {
  it('are listed a page at a time, by collection or in none', async () => {
    const sandbox = await sandboxFor();
    const plain = await upload(sandbox, bytes);
    const collection = { project_id: sandbox.projectId, name: 'Harbour' };
    const { id } = await succeed(sandbox, 'collections.create', collection, withId);
    const collected = await upload(sandbox, bytes, { target_collection_id: id });
    const ids = async (extra: Record<string, unknown>) => {
      const input = { project_id: sandbox.projectId, ...extra };
      const listing = z.object({ items: z.array(z.object({ id: z.string() })) });
      const { items } = await succeed(sandbox, 'items.list', input, listing);
      return items.map(({ id }) => id);
    };
    expect(await ids({})).toEqual([plain.itemId, collected.itemId]);
    expect(await ids({ limit: 1 })).toEqual([plain.itemId]);
    expect(await ids({ limit: 1, offset: 1 })).toEqual([collected.itemId]);
    expect(await ids({ offset: 2 })).toEqual([]);
    expect(await ids({ collection_id: id })).toEqual([collected.itemId]);
    expect(await ids({ uncollected: true })).toEqual([plain.itemId]);
  });

  it('show assets without where they are kept', async () => {
    const sandbox = await sandboxFor();
    const { itemId } = await upload(sandbox, bytes);
    const answer = await call(sandbox, 'items.list_assets', { item_id: itemId });
    const { assets } = z.object({ assets: z.array(z.record(z.unknown())) }).parse(answer.body);
    expect(assets).toEqual([
      expect.objectContaining({
        id: expect.any(String),
        item_id: itemId,
        key: 'data',
        media_type: 'image/tiff',
        size_bytes: bytes.length,
        checksum_crc32c: expect.any(String),
      }),
    ]);
    expect(assets[0]).not.toHaveProperty('object_path');
  });

  it.each([
    ['key', 200],
    ['record', 404],
  ] as const)('with assetIds %s answer %i to an asset key', async (assetIds, status) => {
    const sandbox = await sandboxFor({ assetIds });
    const { itemId } = await upload(sandbox, bytes);
    const listing = await call(sandbox, 'items.list_assets', { item_id: itemId });
    const { assets } = z
      .object({ assets: z.array(z.object({ id: z.string() })) })
      .parse(listing.body);
    const ask = (asset_id: string) =>
      call(sandbox, 'items.asset.download', { item_id: itemId, asset_id });
    expect((await ask('data')).status).toBe(status);
    expect((await ask(assets[0]?.id ?? '')).status).toBe(200);
  });
});

describe('the other endpoints', () => {
  it('tell who a token is, showing scopes where asked', async () => {
    const sandbox = await sandboxFor();
    const scopes = ['items:read', 'uploads:*'];
    const shown = sandbox.issueToken({ scopes, showScopes: true });
    const hidden = sandbox.issueToken({ scopes });
    const ask = async (headers: Record<string, string>) =>
      (await fetch(sandbox.url + USERINFO, { headers })).json();
    expect(await ask({ Authorization: `Bearer ${shown}` })).toEqual({
      sub: expect.any(String),
      geopera_principal_id: expect.any(String),
      geopera_principal_type: 'api_key',
      geopera_org_id: expect.any(String),
      scope: 'items:read uploads:*',
    });
    expect(await ask({ 'X-API-Key': hidden })).toMatchObject({ scope: 'openid profile' });
    expect(await ask({})).toMatchObject({ error: 'invalid_token' });
  });

  it('describe every operation with its scope and side effect', async () => {
    const sandbox = await sandboxFor();
    const document = z
      .object({ paths: z.record(z.object({ post: z.record(z.unknown()) })) })
      .parse(await (await fetch(`${sandbox.url}/openapi.json`)).json());
    for (const { id, scope, effect } of catalogue) {
      expect(document.paths[`/v1/op/${id}`]?.post).toMatchObject({
        operationId: id,
        'x-required-scope': scope,
        'x-side-effect': effect,
      });
    }
  });

  it('describe what succeeds with another status, and which bodies may be left out', async () => {
    const sandbox = await sandboxFor();
    const entry = z.object({
      post: z.object({
        requestBody: z.object({ required: z.boolean() }),
        responses: z.record(z.unknown()),
      }),
    });
    const document = z
      .object({ paths: z.record(entry) })
      .parse(await (await fetch(`${sandbox.url}/openapi.json`)).json());
    const posts = Object.entries(document.paths).map(([path, { post }]) => ({
      id: path.slice('/v1/op/'.length),
      status: Object.keys(post.responses).join(),
      required: post.requestBody.required,
    }));
    const unusual = posts.filter(({ status }) => status !== '200');
    expect(unusual.map(({ id, status }) => `${id} ${status}`).sort()).toEqual([
      'billing.topup 201',
      'orders.archive.place 202',
      'orders.tasking.place 202',
      'processing.create 201',
    ]);
    expect(posts.filter(({ required }) => !required)).toHaveLength(9);
  });

  it('are up', async () => {
    const sandbox = await sandboxFor();
    expect((await fetch(`${sandbox.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${sandbox.url}/nowhere`)).status).toBe(404);
  });

  it('show the state without secrets', async () => {
    const sandbox = await sandboxFor({ quotaBytes: 1000 });
    const text = await (await fetch(`${sandbox.url}/sandbox/state`)).text();
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(sandbox.state())));
    expect(text).not.toContain(sandbox.token);
  });

  it('issue tokens to the main token alone', async () => {
    const sandbox = await sandboxFor();
    const ask = (token: string) =>
      fetch(`${sandbox.url}/sandbox/tokens`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}` },
        body: JSON.stringify({ scopes: ['items:read'] }),
      });
    const response = await ask(sandbox.token);
    const { token } = z.object({ token: z.string() }).parse(await response.json());
    expect((await ask(token)).status).toBe(401);
    expect((await call(sandbox, 'items.get', { item_id: 'x' }, token)).status).toBe(404);
  });

  it('refuse a Host that is not loopback', async () => {
    const sandbox = await sandboxFor();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const ask = request(`${sandbox.url}/healthz`, { headers: { Host: 'evil.example' } });
      ask.on('response', (response) => resolve(response.resume().statusCode));
      ask.on('error', reject).end();
    });
    expect(status).toBe(403);
  });
});
