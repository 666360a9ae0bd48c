import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { call, request, sandboxFor, succeed } from './sandbox_fixture.ts';

const now = () => new Date('2026-03-01T00:00:00Z');
const HARBOUR = [151.15, -33.88, 151.28, -33.8];
const scene = z
  .object({
    id: z.string(),
    collection: z.string(),
    bbox: z.array(z.number()),
    properties: z.object({ datetime: z.string(), 'eo:cloud_cover': z.number() }).passthrough(),
  })
  .passthrough();
const page = z.object({ features: z.array(scene), next: z.string().nullable() });

function search(sandbox: Sandbox, extra: Record<string, unknown>) {
  return succeed(sandbox, 'catalog.search', { host_name: 'sandbox-optical', ...extra }, page);
}

describe('a search of the catalogue', () => {
  it('comes page by page to its end, each scene once', async () => {
    const sandbox = await sandboxFor({ now });
    const window = { bbox: HARBOUR, datetime: '2025-11-01/2026-02-28', limit: 10 };
    const ids: string[] = [];
    let next: string | null | undefined;
    let pages = 0;
    do {
      const answer = await search(sandbox, { ...window, next });
      ids.push(...answer.features.map(({ id }) => id));
      next = answer.next;
      pages += 1;
    } while (next !== null);
    const whole = await search(sandbox, { ...window, limit: 500 });
    expect(pages).toBeGreaterThan(2);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(whole.features.map(({ id }) => id));
  });

  it('answers the same scenes to another sandbox', async () => {
    const [one, other] = [await sandboxFor({ now }), await sandboxFor({ now })];
    const window = { bbox: HARBOUR, limit: 5 };
    expect(await search(one, window)).toEqual(await search(other, window));
  });

  it.each([
    [{ 'eo:cloud_cover': { lte: 20 } }, (cloud: number) => cloud <= 20],
    [{ cloudCoverage: { GTE: 10, LT: 50 } }, (cloud: number) => cloud >= 10 && cloud < 50],
  ])('is narrowed by %j', async (query, holds) => {
    const sandbox = await sandboxFor({ now });
    const { features } = await search(sandbox, { bbox: HARBOUR, query, limit: 50 });
    const clouds = features.map(({ properties }) => properties['eo:cloud_cover']);
    expect(clouds.length).toBeGreaterThan(3);
    expect(clouds.every(holds)).toBe(true);
  });

  it('is narrowed by time, collection and place', async () => {
    const sandbox = await sandboxFor({ now });
    const { features } = await search(sandbox, {
      intersects: { type: 'Point', coordinates: [10.05, 50.05] },
      datetime: '2025-06-01T00:00:00Z/2025-08-31T23:59:59Z',
      collections: ['sandbox-50cm'],
    });
    expect(features.length).toBeGreaterThan(3);
    for (const { collection, bbox, properties } of features) {
      expect(collection).toBe('sandbox-50cm');
      expect(bbox).toEqual([10, 50, 10.1, 50.1]);
      expect(properties.datetime).toMatch(/^2025-0[678]/);
    }
  });

  it('finds scenes by id, in any page size', async () => {
    const sandbox = await sandboxFor({ now });
    const { features } = await search(sandbox, { bbox: HARBOUR, limit: 3 });
    const ids = features.map(({ id }) => id);
    const first = await search(sandbox, { ids: ['nothing', ...ids], limit: 2 });
    const rest = await search(sandbox, { ids: ['nothing', ...ids], limit: 2, next: first.next });
    expect([...first.features, ...rest.features]).toEqual(features);
    expect(rest.next).toBeNull();
  });

  it.each([
    ['a bbox of three numbers', { bbox: [1, 2, 3] }],
    ['a bbox that ends before it begins', { bbox: [2, 0, 1, 1] }],
    ['a time that is none', { datetime: 'yesterday' }],
    ['a geometry without places', { intersects: { type: 'Polygon', coordinates: [] } }],
    ['a property that it does not know', { query: { sharpness: { lte: 1 } } }],
    ['a comparison that it does not know', { query: { gsd: { near: 1 } } }],
    ['a token of another search', { next: Buffer.from('20.elsewhere').toString('base64url') }],
  ])('refuses %s', async (_what, extra) => {
    const input = { host_name: 'sandbox-optical', ...extra };
    for (const operation of ['catalog.search', 'catalog.search_stream']) {
      if ('next' in extra && operation === 'catalog.search_stream') continue;
      const answer = await call(await sandboxFor({ now }), operation, input);
      expect(answer).toMatchObject({ status: 422, mediaType: 'application/problem+json' });
    }
  });

  it('knows its hosts alone', async () => {
    const sandbox = await sandboxFor({ now });
    const listing = z.object({ vendors: z.array(z.object({ host_name: z.string() })) });
    const { vendors } = await succeed(sandbox, 'catalog.vendors.list', {}, listing);
    for (const { host_name } of vendors) {
      expect((await search(sandbox, { host_name, limit: 2 })).features).toHaveLength(2);
    }
    expect((await call(sandbox, 'catalog.search', { host_name: 'nobody' })).status).toBe(404);
  });

  it('over all sources says how much each had', async () => {
    const answer = await succeed(
      await sandboxFor({ now }),
      'catalog.federated_search',
      { bbox: HARBOUR, limit: 30 },
      z.object({
        features: z.array(scene),
        numberReturned: z.number(),
        sources: z.array(z.object({ count: z.number() })),
      }),
    );
    expect(answer.features).toHaveLength(30);
    expect(answer.sources.map(({ count }) => count)).toEqual([10, 10, 10]);
  });
});

describe('a streamed search', () => {
  it('answers a line a scene, and at last how many they were', async () => {
    const sandbox = await sandboxFor({ now });
    const response = await request(sandbox, 'catalog.search_stream', { limit: 1200 });
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(response.headers.get('content-length')).toBeNull();
    const lines = (await response.text()).trimEnd().split('\n');
    const read = lines.map((line) => z.object({ type: z.string() }).parse(JSON.parse(line)));
    expect(read.filter(({ type }) => type === 'feature')).toHaveLength(1200);
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ type: 'end', count: 1200 });
  });

  it('takes no body for an empty one', async () => {
    const sandbox = await sandboxFor({ now });
    const response = await request(sandbox, 'catalog.search_stream', undefined);
    expect(response.status).toBe(200);
  });
});

describe('the picture of a scene', () => {
  it.each([
    ['catalog.image.thumbnail', 128],
    ['catalog.image.quicklook', 512],
  ])('%s is a redirect to the storage, which serves a PNG', async (operation, pixels) => {
    const sandbox = await sandboxFor({ now });
    const { features } = await search(sandbox, { limit: 1 });
    const input = { host_name: 'sandbox-optical', image_id: features[0]?.id };
    const answer = await request(sandbox, operation, input);
    expect(answer.status).toBe(307);
    const location = answer.headers.get('location') ?? '';
    expect(location.startsWith(`${sandbox.url}/storage/`)).toBe(true);
    const image = await fetch(location);
    expect(image.headers.get('content-type')).toBe('image/png');
    const bytes = Buffer.from(await image.arrayBuffer());
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([pixels, pixels]);
  });

  it.each([
    ['of a scene that nobody took', 'sandbox-optical', 'sandbox-50cm_1_1_99999'],
    ['of another host', 'sandbox-radar', 'sandbox-50cm_1_1_1'],
  ])('%s is not found', async (_what, host_name, image_id) => {
    const sandbox = await sandboxFor({ now });
    const answer = await call(sandbox, 'catalog.image.thumbnail', { host_name, image_id });
    expect(answer.status).toBe(404);
  });
});

describe('the glossary', () => {
  const products = z.object({
    content: z.array(z.object({ id: z.string(), name: z.string() }).passthrough()),
    number: z.number(),
    totalElements: z.number(),
    totalPages: z.number(),
    last: z.boolean(),
  });

  it('lists data products a page at a time', async () => {
    const sandbox = await sandboxFor();
    const ask = (extra: object) =>
      succeed(sandbox, 'glossary.data_products.list', { sort: 'name,asc', ...extra }, products);
    const first = await ask({});
    const second = await ask({ page: 1 });
    expect(first).toMatchObject({ number: 0, totalElements: 12, totalPages: 2, last: false });
    expect([first.content.length, second.content.length]).toEqual([10, 2]);
    expect(second.last).toBe(true);
    const names = [...first.content, ...second.content].map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    const [one] = first.content;
    expect((await ask({ dataProductId: one?.id })).content).toEqual([one]);
    const input = { data_product_name: one?.name };
    expect((await call(sandbox, 'glossary.data_products.get', input)).body).toEqual(one);
  });

  it.each([
    ['glossary.collections', 'collection_name'],
    ['glossary.providers', 'provider_name'],
  ])('%s are listed, and each can be read by name', async (resource, member) => {
    const sandbox = await sandboxFor();
    const { content } = await succeed(sandbox, `${resource}.list`, {}, products);
    expect(content.length).toBeGreaterThan(2);
    const name = content[0]?.name;
    expect((await call(sandbox, `${resource}.get`, { [member]: name })).body).toEqual(content[0]);
    expect((await call(sandbox, `${resource}.get`, { [member]: 'nothing' })).status).toBe(404);
  });
});
