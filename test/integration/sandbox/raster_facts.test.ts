import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { call, sandboxFor, succeed, upload } from './sandbox_fixture.ts';
import { geotiffOf, geotiffWithMetadata, geotiffWithOverview, ramp } from './tiff_fixture.ts';

const itemAnswer = z.object({
  item: z
    .object({
      bbox: z.array(z.number()).nullable(),
      properties: z.record(z.unknown()),
    })
    .passthrough(),
});

type UploadOptions = Parameters<typeof upload>[2];

async function itemOf(sandbox: Sandbox, bytes: Uint8Array, options: UploadOptions = {}) {
  const { itemId } = await upload(sandbox, bytes, options);
  return (await succeed(sandbox, 'items.get', { item_id: itemId }, itemAnswer)).item;
}

const shape = { width: 4, height: 3 };
const pixels = ramp((length) => new Uint16Array(length), shape);

describe('an uploaded GeoTIFF', () => {
  it('tells its size, place, bands and statistics', async () => {
    const sandbox = await sandboxFor();
    const item = await itemOf(sandbox, geotiffOf(pixels, { ...shape, nodata: '24' }));
    expect(item).toMatchObject({
      type: 'user_raster',
      gsd: 10,
      name: 'scene.tif',
      properties: {
        'proj:epsg': 32755,
        'proj:code': 'EPSG:32755',
        'proj:shape': [3, 4],
        'proj:transform': [10, 0, 500_000, 0, -10, 6_000_000],
        'sandbox:statistics_source': 'full',
        'raster:bands': [
          {
            name: 'b1',
            data_type: 'uint16',
            nodata: 24,
            statistics: {
              minimum: 1,
              maximum: 23,
              mean: (150 - 24) / 11,
              valid_percent: 1100 / 12,
            },
          },
        ],
      },
    });
    const [west = 0, south = 0, east = 0, north = 0] = item.bbox ?? [];
    expect(west).toBeCloseTo(147, 6);
    expect(east - west).toBeCloseTo(40 / 90_800, 5);
    expect(north).toBeCloseTo(-36.14, 1);
    expect(north - south).toBeCloseTo(30 / 111_000, 5);
  });

  it('has the members of ItemResponse', async () => {
    const sandbox = await sandboxFor();
    const item = await itemOf(sandbox, geotiffOf(pixels, shape));
    expect(Object.keys(item).sort()).toEqual(ITEM_MEMBERS);
  });

  it('with many bands has facts for each', async () => {
    const sandbox = await sandboxFor();
    const bands = { ...shape, bands: 3 };
    const bytes = geotiffOf(
      ramp((length) => new Float32Array(length), bands),
      { ...bands, nodata: 'nan' },
    );
    const item = await itemOf(sandbox, bytes);
    expect(item.properties['raster:bands']).toMatchObject([
      { data_type: 'float32', nodata: 'nan', statistics: { minimum: 1, maximum: 24 } },
      { data_type: 'float32', nodata: 'nan', statistics: { minimum: 101, maximum: 124 } },
      { data_type: 'float32', nodata: 'nan', statistics: { minimum: 201, maximum: 224 } },
    ]);
  });

  it('is believed about statistics that it brings, and about band names', async () => {
    const sandbox = await sandboxFor();
    const figures = { MINIMUM: 5, MAXIMUM: 9, MEAN: 7, STDDEV: 1.5, VALID_PERCENT: 80 };
    const lines = Object.entries(figures).map(
      ([name, value]) => `<Item name="STATISTICS_${name}" sample="0">${value}</Item>`,
    );
    const name = '<Item name="DESCRIPTION" sample="0" role="description">red</Item>';
    const metadata = `<GDALMetadata>${lines.join('')}${name}</GDALMetadata>`;
    const item = await itemOf(sandbox, geotiffWithMetadata(new Uint8Array(12), shape, metadata));
    expect(item.properties).toMatchObject({
      'sandbox:statistics_source': 'embedded',
      'raster:bands': [
        {
          name: 'red',
          statistics: { minimum: 5, maximum: 9, mean: 7, stddev: 1.5, valid_percent: 80 },
        },
      ],
    });
  });

  it.each([
    [4326, [10, 47], 0.5, [10, 45.5, 12, 47], null],
    [3857, [0, 0], 111_319.490793, [0, -2.994, 4, 0], 111_319.490793],
  ] as const)('in EPSG:%i lies where it says', async (epsg, origin, pixel, bbox, gsd) => {
    const sandbox = await sandboxFor();
    const item = await itemOf(sandbox, geotiffOf(pixels, { ...shape, epsg, origin, pixel }));
    expect(item.bbox?.map((edge) => Math.round(edge * 100) / 100)).toEqual(
      bbox.map((edge) => expect.closeTo(edge, 1)),
    );
    expect(item['gsd']).toEqual(gsd);
  });

  it('whose pixels are points lies half a pixel to the north-west', async () => {
    const sandbox = await sandboxFor();
    const item = await itemOf(sandbox, geotiffOf(pixels, { ...shape, pixelIsPoint: true }));
    expect(item.properties['proj:transform']).toEqual([10, 0, 499_995, 0, -10, 6_000_005]);
  });

  it('in a reference system that is not known has no place, and says why', async () => {
    const sandbox = await sandboxFor();
    const item = await itemOf(sandbox, geotiffOf(pixels, { ...shape, epsg: 2154 }));
    expect(item).toMatchObject({ bbox: null, geometry: null });
    expect(item.properties).toMatchObject({
      'proj:code': 'EPSG:2154',
      'sandbox:bbox_unknown': expect.stringContaining('EPSG:2154'),
    });
  });

  it('too big to be read whole is sampled', async () => {
    const sandbox = await sandboxFor();
    const big = { width: 2100, height: 2100 };
    const item = await itemOf(sandbox, geotiffOf(new Uint8Array(2100 * 2100).fill(3), big));
    expect(item.properties).toMatchObject({
      'sandbox:statistics_source': 'window',
      'raster:bands': [{ statistics: { minimum: 3, maximum: 3, valid_percent: 100 } }],
    });
  });

  it('too big to be read whole is known by its overview', async () => {
    const sandbox = await sandboxFor();
    const big = { width: 2100, height: 2100 };
    const overview = { edge: 300, value: 9 };
    const bytes = geotiffWithOverview(new Uint8Array(2100 * 2100).fill(3), big, overview);
    const item = await itemOf(sandbox, bytes);
    expect(item.properties).toMatchObject({
      'proj:shape': [2100, 2100],
      'sandbox:statistics_source': 'overview',
      'raster:bands': [{ statistics: { minimum: 9, maximum: 9 } }],
    });
  });

  it('that ends early has no statistics', async () => {
    const sandbox = await sandboxFor();
    const large = { width: 200, height: 200 };
    const whole = geotiffOf(
      ramp((length) => new Uint16Array(length), large),
      large,
    );
    const item = await itemOf(sandbox, whole.subarray(0, 20_000));
    expect(item.properties).toMatchObject({
      'sandbox:statistics_source': 'unreadable',
      'raster:bands': [{ data_type: 'uint16', statistics: null }],
    });
  });

  it('that is categorical says so', async () => {
    const sandbox = await sandboxFor();
    const item = await itemOf(sandbox, geotiffOf(pixels, shape), { is_categorical: true });
    expect(item.properties).toMatchObject({ is_categorical: true, 'proj:epsg': 32755 });
  });
});

describe('an uploaded file that is no GeoTIFF', () => {
  it.each([
    ['application/geo+json', '{"type":"FeatureCollection","features":[]}', 'user_vector'],
    ['application/octet-stream', 'text', 'user_raster'],
    ['image/tiff', 'II*\0but nothing more', 'user_raster'],
    ['image/tiff', '', 'user_raster'],
  ])('of type %s becomes an item without raster facts', async (contentType, text, type) => {
    const sandbox = await sandboxFor();
    const item = await itemOf(sandbox, Buffer.from(text), { contentType });
    expect(item).toMatchObject({ type, bbox: null, geometry: null, properties: {} });
    const answer = await call(sandbox, 'items.list_assets', { item_id: item['id'] });
    expect(answer.body).toMatchObject({ assets: [{ bands: [] }] });
  });
});

/** From the published OpenAPI. */
const ITEM_MEMBERS = [
  'archived_at',
  'bbox',
  'cloud_cover',
  'collection_id',
  'created_at',
  'created_by',
  'datetime',
  'deleted_at',
  'description',
  'duplicated_from_id',
  'end_datetime',
  'expires_at',
  'geometry',
  'gsd',
  'id',
  'job_id',
  'lifecycle_state',
  'name',
  'order_id',
  'previous_version_id',
  'project_id',
  'properties',
  'stac_extensions',
  'stac_id',
  'start_datetime',
  'type',
  'updated_at',
  'upload_id',
];
