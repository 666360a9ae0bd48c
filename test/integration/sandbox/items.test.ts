import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { call, descriptor, sandboxFor, succeed, upload, withId } from './sandbox_fixture.ts';

const bytes = Buffer.from('some bytes');
const found = z.object({
  type: z.literal('FeatureCollection'),
  features: z.array(z.object({ id: z.string() }).passthrough()),
  numberMatched: z.number(),
});

/** Items of a place, a day and a type, by name. */
const ITEMS = {
  sydney: { bbox: [151, -34, 152, -33], datetime: '2024-03-10T00:00:00Z', type: 'user_raster' },
  berlin: { bbox: [13, 52, 14, 53], datetime: '2025-07-01T10:00:00Z', type: 'user_raster' },
  parcels: { bbox: [13.2, 52.2, 13.3, 52.3], datetime: null, type: 'user_vector' },
  season: {
    bbox: [0, 0, 1, 1],
    datetime: null,
    start_datetime: '2024-06-01T00:00:00Z',
    end_datetime: '2024-09-01T00:00:00Z',
    type: 'derived_raster',
  },
} as const;

type Name = keyof typeof ITEMS;

async function filled() {
  const sandbox = await sandboxFor();
  const names = new Map<string, string>();
  const project_id = sandbox.projectId;
  for (const [name, facts] of Object.entries(ITEMS)) {
    const input = { project_id, name, ...facts };
    const { id } = await succeed(sandbox, 'items.create', input, withId);
    names.set(id, name);
  }
  const search = async (operation: string, input: object) => {
    const asked = operation === 'items.search' ? { project_id, ...input } : input;
    const answer = await succeed(sandbox, operation, asked, found);
    return answer.features.map(({ id }) => names.get(id));
  };
  return { sandbox, search, names };
}

describe('a search for items', () => {
  const CASES: readonly [object, readonly Name[]][] = [
    [{}, ['sydney', 'berlin', 'parcels', 'season']],
    [{ bbox: [13, 52, 14, 53] }, ['berlin', 'parcels']],
    [{ bbox: [13.25, 52.25, 13.25, 52.25] }, ['berlin', 'parcels']],
    [{ bbox: [100, 0, 101, 1] }, []],
    [{ datetime: '2024-01-01T00:00:00Z/2024-12-31T00:00:00Z' }, ['sydney', 'season']],
    [{ datetime: '2024-07-01' }, ['season']],
    [{ datetime: '2025-01-01/..' }, ['berlin']],
    [{ datetime: '../2024-03-10' }, ['sydney']],
    [{ datetime: '2025-07-01T12:00:00+02:00' }, ['berlin']],
    [{ collections: ['col_none'] }, []],
    [{ limit: 1, offset: 1 }, ['berlin']],
  ];

  it.each(CASES)('by %j finds %j', async (input, names) => {
    const { search } = await filled();
    expect(await search('items.search', input)).toEqual(names);
    expect(await search('items.search_org', input)).toEqual(names);
  });

  it('is told how many there are in all', async () => {
    const { sandbox } = await filled();
    const input = { project_id: sandbox.projectId, limit: 2 };
    const answer = await succeed(sandbox, 'items.search', input, found);
    expect([answer.features.length, answer.numberMatched]).toEqual([2, 4]);
  });

  it('is narrowed by type and sorted', async () => {
    const { search } = await filled();
    expect(await search('items.search', { type: 'user_vector' })).toEqual(['parcels']);
    const sortby = [{ field: 'properties.name', direction: 'desc' }];
    expect(await search('items.search', { sortby })).toEqual([
      'sydney',
      'season',
      'parcels',
      'berlin',
    ]);
  });

  it('in STAC comes in pages from 0, by ids and geometry', async () => {
    const { search, names } = await filled();
    expect(await search('stac.search', { limit: 3 })).toEqual(['sydney', 'berlin', 'parcels']);
    expect(await search('stac.search', { limit: 3, page: 1 })).toEqual(['season']);
    const [first] = names.keys();
    expect(await search('stac.search', { ids: [first] })).toEqual(['sydney']);
    const intersects = { type: 'Point', coordinates: [0.5, 0.5] };
    expect(await search('stac.search', { intersects })).toEqual(['season']);
  });

  it.each([
    ['items.search_org', { bbox: [1, 2] }],
    ['items.search_org', { datetime: '2024' }],
    ['items.search_org', { datetime: '2025-01-01/2024-01-01' }],
    ['items.search_org', { datetime: '..' }],
    ['items.search_org', { query: { gsd: { lt: 1 } } }],
    ['stac.search', { filter: { op: '=' } }],
    ['stac.search', { bbox: [0, 0, 1, 1], intersects: { type: 'Point', coordinates: [0, 0] } }],
  ])('%s refuses %j', async (operation, input) => {
    const answer = await call(await sandboxFor(), operation, input);
    expect(answer).toMatchObject({ status: 422, mediaType: 'application/problem+json' });
  });
});

describe('an item', () => {
  async function created(sandbox: Sandbox, extra: object = {}) {
    const input = { project_id: sandbox.projectId, name: 'Item', type: 'user_raster', ...extra };
    const model = z.object({ id: z.string() }).passthrough();
    return succeed(sandbox, 'items.create', input, model);
  }

  it('gets a geometry of its box, and a box of its geometry', async () => {
    const sandbox = await sandboxFor();
    const ring = [
      [1, 2],
      [3, 2],
      [3, 4],
      [1, 4],
      [1, 2],
    ];
    const geometry = { type: 'Polygon', coordinates: [ring] };
    expect(await created(sandbox, { bbox: [1, 2, 3, 4] })).toMatchObject({ geometry });
    expect(await created(sandbox, { geometry })).toMatchObject({ bbox: [1, 2, 3, 4] });
  });

  it('changes in what is given alone, and goes to the archive and back', async () => {
    const sandbox = await sandboxFor();
    const { id } = await created(sandbox, { description: 'old', gsd: 10 });
    const update = async (changes: object) =>
      (await call(sandbox, 'items.update', { item_id: id, ...changes })).body;
    expect(await update({ name: 'New', lifecycle_state: 'archived' })).toMatchObject({
      name: 'New',
      description: 'old',
      gsd: 10,
      lifecycle_state: 'archived',
      archived_at: expect.any(String),
    });
    expect(await update({ lifecycle_state: 'active' })).toMatchObject({ archived_at: null });
  });

  it('is a STAC feature with its assets', async () => {
    const sandbox = await sandboxFor();
    const { itemId } = await upload(sandbox, bytes);
    const answer = await call(sandbox, 'items.get_stac', {
      item_id: itemId,
      base_url: 'https://stac.example.com/',
    });
    expect(answer.body).toMatchObject({
      type: 'Feature',
      stac_version: '1.0.0',
      id: itemId,
      assets: { data: { type: 'image/tiff', roles: ['data'] } },
      links: [{ rel: 'self', href: `https://stac.example.com/items/${itemId}` }],
    });
  });

  it('is gone with its files once deleted', async () => {
    const sandbox = await sandboxFor();
    const { itemId } = await upload(sandbox, bytes);
    const asked = { item_id: itemId };
    expect((await call(sandbox, 'items.delete', asked)).body).toEqual({ ok: true, id: itemId });
    expect((await call(sandbox, 'items.get', asked)).status).toBe(404);
    expect((await call(sandbox, 'items.delete', asked)).status).toBe(404);
    const listed = await call(sandbox, 'items.list', { project_id: sandbox.projectId });
    expect(listed.body).toEqual({ items: [] });
    expect(sandbox.state().used_bytes).toBe(0);
  });

  it('is copied with its files, which live on without it', async () => {
    const sandbox = await sandboxFor();
    const { itemId } = await upload(sandbox, bytes);
    const copied = { item_id: itemId, new_name: 'Copy' };
    const copy = await call(sandbox, 'items.duplicate', copied);
    expect(copy.body).toMatchObject({ name: 'Copy', duplicated_from_id: itemId });
    const { id } = withId.parse(copy.body);
    const lineage = await call(sandbox, 'items.lineage', { item_id: itemId });
    expect(lineage.body).toMatchObject({ parents: [], children: [{ id, name: 'Copy' }] });
    await call(sandbox, 'items.delete', { item_id: itemId });
    const asset = { item_id: id, asset_id: 'data' };
    const { url } = await succeed(sandbox, 'items.asset.download', asset, descriptor);
    expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('is not copied beyond the quota', async () => {
    const sandbox = await sandboxFor({ quotaBytes: bytes.length + 1 });
    const { itemId } = await upload(sandbox, bytes);
    expect((await call(sandbox, 'items.duplicate', { item_id: itemId })).status).toBe(402);
  });

  it('loses one file, and its bands are named', async () => {
    const sandbox = await sandboxFor();
    const { itemId } = await upload(sandbox, bytes);
    const asset = { item_id: itemId, asset_id: 'data' };
    const band_names = ['red', 'green'];
    await call(sandbox, 'items.set_asset_band_names', { ...asset, band_names });
    const detected = await call(sandbox, 'items.detect_asset_bands', asset);
    expect(detected.body).toMatchObject({ current_band_names: band_names });
    expect((await call(sandbox, 'assets.delete', asset)).status).toBe(200);
    expect((await call(sandbox, 'assets.delete', asset)).status).toBe(404);
    expect(sandbox.state().used_bytes).toBe(0);
  });

  it.each([
    [{ collection_id: 'col_none' }, 404],
    [{ project_id: 'proj_none' }, 404],
    [{ bbox: [1] }, 422],
    [{ datetime: 'noon' }, 422],
    [{ type: 'thing' }, 422],
  ])('is not made of %j', async (extra, status) => {
    const sandbox = await sandboxFor();
    const input = { project_id: sandbox.projectId, name: 'Item', type: 'user_raster', ...extra };
    expect((await call(sandbox, 'items.create', input)).status).toBe(status);
  });
});

describe('a role that may only look', () => {
  it.each(['items.create', 'items.update', 'items.delete', 'items.duplicate'])(
    'is refused by %s',
    async (operation) => {
      const sandbox = await sandboxFor();
      const { itemId } = await upload(sandbox, bytes);
      const token = sandbox.issueToken({ scopes: ['*'], role: 'viewer' });
      const input = {
        item_id: itemId,
        project_id: sandbox.projectId,
        name: 'Item',
        type: 'user_raster',
      };
      expect((await call(sandbox, operation, input, token)).status).toBe(403);
    },
  );
});
