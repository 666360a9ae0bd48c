import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { readPng } from './png_fixture.ts';
import { call, request, sandboxFor, succeed, upload, withId } from './sandbox_fixture.ts';
import { geotiffOf } from './tiff_fixture.ts';

const CLEAR = [0, 0, 0, 0];

/** Two by two pixels of 60 degrees, from 0 E 66 N: red, green; blue, and one without data. */
function bigPixels(): Uint8Array {
  const samples = new Uint8Array([255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0]);
  const raster = { width: 2, height: 2, bands: 3, epsg: 4326, origin: [0, 66] as const };
  return geotiffOf(samples, { ...raster, pixel: 60, nodata: '0' });
}

async function tile(sandbox: Sandbox, operation: string, input: object) {
  const answer = await request(sandbox, operation, input);
  expect(answer.headers.get('content-type')).toBe('image/png');
  return readPng(Buffer.from(await answer.arrayBuffer()));
}

describe('a tile of an item', () => {
  it.each([
    ['items.tile.render', {}],
    ['items.tile.render', { format: 'png', bands: '1,2,3' }],
    ['items.tile.wmts_get_tile', {}],
  ])('by %s shows its pixels where they lie %j', async (operation, style) => {
    const sandbox = await sandboxFor();
    const { itemId } = await upload(sandbox, bigPixels());
    const png = await tile(sandbox, operation, { item_id: itemId, z: 0, x: 0, y: 0, ...style });
    expect([png.width, png.height]).toEqual([256, 256]);
    const north = 70;
    const south = 150;
    expect(png.at(60, north)).toEqual(CLEAR);
    expect(png.at(150, north)).toEqual([255, 0, 0, 255]);
    expect(png.at(200, north)).toEqual([0, 255, 0, 255]);
    expect(png.at(150, south)).toEqual([0, 0, 255, 255]);
    expect(png.at(200, south)).toEqual(CLEAR);
  });

  it('stretches one band as it is told', async () => {
    const sandbox = await sandboxFor();
    const raster = { width: 2, height: 1, epsg: 4326, origin: [0, 60] as const, pixel: 60 };
    const { itemId } = await upload(sandbox, geotiffOf(new Uint16Array([1000, 3000]), raster));
    const draw = (style: object) =>
      tile(sandbox, 'items.tile.render', { item_id: itemId, z: 0, x: 0, y: 0, ...style });
    const natural = await draw({});
    expect([natural.at(150, 100), natural.at(200, 100)]).toEqual([
      [0, 0, 0, 255],
      [255, 255, 255, 255],
    ]);
    const told = await draw({ rescale: '0,4000', bands: '1' });
    expect([told.at(150, 100)[0], told.at(200, 100)[0]]).toEqual([63, 191]);
  });

  it('is clear where the item is not', async () => {
    const sandbox = await sandboxFor();
    const { itemId } = await upload(sandbox, bigPixels());
    const png = await tile(sandbox, 'items.tile.render', { item_id: itemId, z: 1, x: 0, y: 0 });
    expect([png.at(0, 0), png.at(128, 128), png.at(255, 255)]).toEqual([CLEAR, CLEAR, CLEAR]);
  });

  it('without a raster shows the box around it', async () => {
    const sandbox = await sandboxFor();
    const project_id = sandbox.projectId;
    const input = { project_id, name: 'Box', type: 'external_reference', bbox: [0, 0, 60, 60] };
    const { id } = await succeed(sandbox, 'items.create', input, withId);
    const png = await tile(sandbox, 'items.tile.render', { item_id: id, z: 1, x: 1, y: 0 });
    expect(png.at(20, 230)[3]).toBe(255);
    expect(png.at(240, 230)).toEqual(CLEAR);
  });

  it.each([
    ['a tile beside the world', { z: 1, x: 2 }],
    ['a zoom that there is not', { z: -1 }],
    ['a band that there is not', { bands: '1,2,9' }],
    ['bands that are no numbers', { bands: 'red' }],
    ['a range of words', { rescale: 'low,high' }],
    ['band math', { expression: 'b1+b2' }],
  ])('is refused for %s', async (_what, extra) => {
    const sandbox = await sandboxFor();
    const { itemId } = await upload(sandbox, bigPixels());
    const input = { item_id: itemId, z: 0, x: 0, y: 0, ...extra };
    const answer = await call(sandbox, 'items.tile.render', input);
    expect(answer).toMatchObject({ status: 422, mediaType: 'application/problem+json' });
  });

  it('is shown to whoever has the link to it', async () => {
    const sandbox = await sandboxFor();
    const { itemId } = await upload(sandbox, bigPixels());
    const password = 'correct horse';
    const link = {
      target_type: 'item',
      target_id: itemId,
      password,
      expires_at: '2100-01-01T00:00:00Z',
    };
    const made = z.object({ token: z.string() });
    const { token } = await succeed(sandbox, 'share.link.create', link, made);
    const where = { z: 0, x: 0, y: 0 };
    const png = await tile(sandbox, 'share.tile.render', { token, password, ...where });
    expect(png.at(150, 70)).toEqual([255, 0, 0, 255]);
    const wrong = await call(sandbox, 'share.tile.render', { token, ...where });
    expect(wrong.status).toBe(403);
  });
});

describe('what the sandbox cannot see', () => {
  it.each([
    ['cog.thumbnail', { width: 64, height: 32 }, [64, 32]],
    ['cog.tile.render', { z: 3, x: 1, y: 2, format: 'png' }, [256, 256]],
  ])('by %s is made up, the same each time', async (operation, extra, size) => {
    const sandbox = await sandboxFor();
    const input = { url: 'https://example.com/a.tif', ...extra };
    const [one, again] = [
      await request(sandbox, operation, input),
      await request(sandbox, operation, input),
    ];
    const bytes = Buffer.from(await one.arrayBuffer());
    expect(bytes.equals(Buffer.from(await again.arrayBuffer()))).toBe(true);
    const { width, height } = readPng(bytes);
    expect([width, height]).toEqual(size);
  });

  it.each([[0], [5000]])('is not drawn %i pixels wide', async (width) => {
    const input = { url: 'https://example.com/a.tif', width };
    expect((await call(await sandboxFor(), 'cog.thumbnail', input)).status).toBe(422);
  });
});

describe('the WMTS capabilities of an item', () => {
  it('are XML that names it, whatever it is called', async () => {
    const sandbox = await sandboxFor();
    const input = {
      project_id: sandbox.projectId,
      name: `<b>"A" & 'B'</b>`,
      type: 'external_reference',
      bbox: [10, 20, 30, 40],
    };
    const { id } = await succeed(sandbox, 'items.create', input, withId);
    const asked = { item_id: id, base_url: 'https://maps.example.com/' };
    const answer = await request(sandbox, 'items.tile.wmts_capabilities', asked);
    expect(answer.headers.get('content-type')).toBe('application/xml');
    const xml = await answer.text();
    expect(xml).toContain('<ows:Title>&lt;b&gt;&quot;A&quot; &amp; &apos;B&apos;&lt;/b&gt;<');
    expect(xml).toContain('<ows:LowerCorner>10 20</ows:LowerCorner>');
    expect(xml).toContain(`https://maps.example.com/items/${id}/tiles/{TileMatrix}`);
    expect(xml.match(/<TileMatrix>/g)).toHaveLength(20);
  });
});
