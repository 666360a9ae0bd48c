import { describe, expect, it } from 'vitest';
import { contentTypeOf } from '../../../src/workflows/content_types.ts';

describe('the media type of a file', () => {
  it.each([
    ['harbour.tif', 'image/tiff'],
    ['harbour.TIFF', 'image/tiff'],
    ['scene.v2.tif', 'image/tiff'],
    ['area.geojson', 'application/geo+json'],
    ['layers.gpkg', 'application/geopackage+sqlite3'],
    ['points.laz', 'application/vnd.laszip'],
    ['table.parquet', 'application/vnd.apache.parquet'],
    ['scene.tif.aux', 'application/octet-stream'],
    ['README', 'application/octet-stream'],
    ['.tif', 'application/octet-stream'],
    ['', 'application/octet-stream'],
    ['x.constructor', 'application/octet-stream'],
  ])('%s is %s', (fileName, type) => {
    expect(contentTypeOf(fileName)).toBe(type);
  });
});
