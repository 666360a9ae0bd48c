import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { call, descriptor, request, sandboxFor, succeed } from './sandbox_fixture.ts';

const now = () => new Date('2026-03-01T00:00:00Z');
const open = z.object({}).passthrough();
const order = z.object({ id: z.string(), status: z.string() }).passthrough();
const placed = z.object({ orders: z.array(order), total_credits: z.number() });
const balance = z.object({ balance: z.number() });
const capture = z.object({ id: z.string(), geometry: z.unknown() });
const priced = z.object({
  groups: z.array(
    z.object({ credits: z.number(), capture_ids: z.array(z.string()) }).passthrough(),
  ),
  errors: z.array(z.object({ capture_id: z.string().nullable(), detail: z.string() })),
  total_aud: z.number(),
  total_credits: z.number(),
});

async function captures(sandbox: Sandbox, limit: number, host_name = 'sandbox-optical') {
  const hits = z.object({ features: z.array(capture) });
  return (await succeed(sandbox, 'catalog.search', { host_name, limit }, hits)).features;
}

async function creditsOf(sandbox: Sandbox): Promise<number> {
  return (await succeed(sandbox, 'billing.credits.balance', {}, balance)).balance;
}

describe('archive captures', () => {
  it('are priced in credits and dollars, and nothing is spent', async () => {
    const sandbox = await sandboxFor({ now });
    const cart = { captures: await captures(sandbox, 3) };
    const price = await succeed(sandbox, 'orders.archive.estimate', cart, priced);
    expect(price.errors).toEqual([]);
    expect(price.groups.flatMap(({ capture_ids }) => capture_ids)).toHaveLength(3);
    expect(price.total_credits).toBe(Math.round(price.total_aud * 100));
    expect(price.total_credits).toBeGreaterThan(0);
    expect(await creditsOf(sandbox)).toBe(50_000);
  });

  it('cost by the area that is wanted of them', async () => {
    const sandbox = await sandboxFor({ now });
    const [whole] = await captures(sandbox, 1);
    const [lon = 0, lat = 0] = [151.11, -33.94];
    const ring = [
      [lon, lat],
      [lon + 0.01, lat],
      [lon + 0.01, lat + 0.01],
      [lon, lat],
    ];
    const part = { id: whole?.id, geometry: { type: 'Polygon', coordinates: [ring] } };
    const ask = (one: unknown) =>
      succeed(sandbox, 'orders.archive.estimate', { captures: [one] }, priced);
    const [all, some] = [await ask(whole), await ask(part)];
    expect(some.total_aud / all.total_aud).toBeCloseTo(0.01, 3);
  });

  it('are grouped by day where that is asked for', async () => {
    const sandbox = await sandboxFor({ now });
    const cart = { captures: await captures(sandbox, 12), splitByDate: true };
    const { groups } = await succeed(sandbox, 'orders.archive.estimate', cart, priced);
    expect(new Set(groups.map(({ date }) => date)).size).toBe(groups.length);
    expect(groups.length).toBeGreaterThan(1);
  });

  it('that cannot be bought are told apart, and stop an order', async () => {
    const sandbox = await sandboxFor({ now });
    const [free] = await captures(sandbox, 1, 'earthsearch-aws');
    const [sold] = await captures(sandbox, 1);
    const cart = { captures: [sold, free, { id: 'nothing', geometry: {} }, {}] };
    const price = await succeed(sandbox, 'orders.archive.estimate', cart, priced);
    expect(price.errors.map(({ capture_id }) => capture_id)).toEqual([free?.id, 'nothing', null]);
    expect(price.groups).toHaveLength(1);
    const answer = await call(sandbox, 'orders.archive.place', { captures: [sold, free] });
    expect(answer).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('free') },
    });
    expect(await creditsOf(sandbox)).toBe(50_000);
  });

  it('are bought for what the estimate said, with 202', async () => {
    const sandbox = await sandboxFor({ now });
    const cart = { captures: await captures(sandbox, 2) };
    const { total_credits } = await succeed(sandbox, 'orders.archive.estimate', cart, priced);
    const answer = await call(sandbox, 'orders.archive.place', cart);
    expect(answer.status).toBe(202);
    expect(placed.parse(answer.body).total_credits).toBe(total_credits);
    expect(await creditsOf(sandbox)).toBe(50_000 - total_credits);
  });

  it('are bought once by one key', async () => {
    const sandbox = await sandboxFor({ now });
    const cart = { captures: await captures(sandbox, 1) };
    const buy = async (key: string) => {
      const answer = await request(sandbox, 'orders.archive.place', cart, {
        'Idempotency-Key': key,
      });
      return { status: answer.status, body: await answer.text() };
    };
    const first = await buy('k');
    expect(first.status).toBe(202);
    expect(await buy('k')).toEqual(first);
    const spent = 50_000 - (await creditsOf(sandbox));
    expect((await buy('other')).status).toBe(202);
    expect(50_000 - (await creditsOf(sandbox))).toBe(2 * spent);
  });

  it('are refused with 402 beyond the balance, and none is bought', async () => {
    const sandbox = await sandboxFor({ now, openingCredits: 1000 });
    const cart = { captures: await captures(sandbox, 1) };
    const answer = await call(sandbox, 'orders.archive.place', cart);
    expect(answer).toMatchObject({ status: 402, body: { status: 402 } });
    expect(await creditsOf(sandbox)).toBe(1000);
    expect((await call(sandbox, 'orders.list', {})).body).toMatchObject({ totalElements: 0 });
  });
});

describe('an order', () => {
  async function buy(sandbox: Sandbox) {
    const cart = { captures: await captures(sandbox, 1) };
    const { orders } = await succeed(sandbox, 'orders.archive.place', cart, placed);
    return { order_id: orders[0]?.id ?? '', sceneId: cart.captures[0]?.id };
  }

  it('moves on at each look, and delivers an item that can be downloaded', async () => {
    const sandbox = await sandboxFor({ now });
    const { order_id, sceneId } = await buy(sandbox);
    const look = () => succeed(sandbox, 'orders.get', { order_id }, order);
    expect((await look()).status).toBe('BEING_FULFILLED');
    const [one, other] = await Promise.all([look(), look()]);
    expect([one.status, other.status]).toEqual(['FULFILLED', 'FULFILLED']);
    const delivered = z.object({ features: z.array(z.object({ id: z.string() }).passthrough()) });
    const input = { order_id };
    const { features } = await succeed(sandbox, 'orders.list_assets', input, delivered);
    expect(features).toEqual([
      expect.objectContaining({ properties: expect.objectContaining({ title: sceneId }) }),
    ]);
    const asset = { item_id: features[0]?.id, asset_id: 'visual' };
    const { url } = await succeed(sandbox, 'items.asset.download', asset, descriptor);
    expect((await (await fetch(url)).arrayBuffer()).byteLength).toBeGreaterThan(128 * 128 * 3);
    const inbox = await call(sandbox, 'notifications.list', {});
    expect(JSON.stringify(inbox.body)).toContain(order_id);
  });

  it('gives its credits back when cancelled, as long as nobody has begun', async () => {
    const sandbox = await sandboxFor({ now });
    const { order_id } = await buy(sandbox);
    const answer = await call(sandbox, 'orders.cancel', { order_id });
    expect(answer.body).toEqual({ orderId: order_id, status: 'CANCELED' });
    expect(await creditsOf(sandbox)).toBe(50_000);
    expect((await call(sandbox, 'orders.cancel', { order_id })).status).toBe(409);
    const second = await buy(sandbox);
    await call(sandbox, 'orders.get', second);
    expect((await call(sandbox, 'orders.cancel', second)).status).toBe(409);
  });

  it('is listed in pages, and by state and tag', async () => {
    const sandbox = await sandboxFor({ now });
    const ids = [];
    for (let count = 0; count < 3; count += 1) ids.push((await buy(sandbox)).order_id);
    await call(sandbox, 'orders.update', { order_id: ids[1], tags: ['flood', 'urgent'] });
    await call(sandbox, 'orders.cancel', { order_id: ids[2] });
    const listing = z.object({ content: z.array(order), totalElements: z.number() });
    const list = async (extra: object) => {
      const { content } = await succeed(sandbox, 'orders.list', extra, listing);
      return content.map(({ id }) => id);
    };
    expect(await list({ size: 2 })).toHaveLength(2);
    expect(await list({ size: 2, page: 1 })).toHaveLength(1);
    expect(await list({ status: 'CANCELED' })).toEqual([ids[2]]);
    expect(await list({ tags: 'urgent' })).toEqual([ids[1]]);
    expect(await list({ orderIds: `${ids[0]},${ids[2]}`, sort: 'status,asc' })).toEqual([
      ids[2],
      ids[0],
    ]);
  });

  it.each([
    ['orders.get', 404],
    ['orders.cancel', 404],
    ['orders.list_assets', 404],
  ])('that there is not: %s answers %i', async (operation, status) => {
    const answer = await call(await sandboxFor({ now }), operation, { order_id: 'ord_none' });
    expect(answer.status).toBe(status);
  });

  it('is not placed by a role that may only look', async () => {
    const sandbox = await sandboxFor({ now });
    const token = sandbox.issueToken({ scopes: ['*'], role: 'viewer' });
    const cart = { captures: await captures(sandbox, 1) };
    expect((await call(sandbox, 'orders.archive.place', cart, token)).status).toBe(403);
  });
});

describe('a data product', () => {
  const area = {
    type: 'FeatureCollection',
    features: [
      {
        type: 'Feature',
        properties: {},
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [10, 50],
              [10.05, 50],
              [10.05, 50.05],
              [10, 50],
            ],
          ],
        },
      },
    ],
  };

  it('is priced and placed in the provider style', async () => {
    const sandbox = await sandboxFor({ now });
    const wanted = { dataProduct: 'sandbox-50cm-ortho', featureCollection: area };
    const estimated = z.object({ summary: z.object({ totalCredits: z.number() }) });
    const { summary } = await succeed(sandbox, 'orders.estimate', wanted, estimated);
    const input = { ...wanted, workspaceId: sandbox.projectId, tags: ['one'] };
    const answer = await succeed(
      sandbox,
      'orders.place',
      input,
      z.object({ results: z.array(order) }),
    );
    expect(answer.results).toEqual([
      expect.objectContaining({ tags: ['one'], totalCredits: summary.totalCredits }),
    ]);
    expect(await creditsOf(sandbox)).toBe(50_000 - summary.totalCredits);
  });

  it.each([
    [{ dataProduct: 'nothing', featureCollection: area }, 404],
    [{ dataProduct: 'sandbox-50cm-ortho' }, 422],
    [{ dataProduct: 'sandbox-50cm-ortho', featureCollection: { features: [] } }, 422],
  ])('asked for as %j answers %i', async (input, status) => {
    expect((await call(await sandboxFor({ now }), 'orders.estimate', input)).status).toBe(status);
  });

  it('has a form', async () => {
    const input = { data_product_id: 'dp-sandbox-50cm-ortho' };
    await succeed(await sandboxFor({ now }), 'orders.get_schema', input, open);
  });
});
