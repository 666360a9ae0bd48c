import { describe, expect, it } from 'vitest';
import { projectionOf } from '../../../src/sandbox/projections.ts';

describe('projectionOf', () => {
  // Known places: the middle of a zone at the equator, the edge of Web Mercator, and Canberra.
  it.each([
    [4326, [149.13, -35.28], [149.13, -35.28]],
    [3857, [20037508.342789244, 0], [180, 0]],
    [32631, [500_000, 0], [3, 0]],
    [32755, [500_000, 10_000_000], [147, 0]],
    [28355, [500_000, 10_000_000], [147, 0]],
    [7855, [693_705, 6_094_000], [149.13, -35.28]],
  ] as const)('knows EPSG:%i', (epsg, place, lonLat) => {
    const projection = projectionOf(epsg);
    const [lon = Number.NaN, lat = Number.NaN] = projection?.toLonLat(place) ?? [];
    expect(lon).toBeCloseTo(lonLat[0], 2);
    expect(lat).toBeCloseTo(lonLat[1], 2);
    const [x = Number.NaN, y = Number.NaN] = projection?.fromLonLat([lon, lat]) ?? [];
    expect(x).toBeCloseTo(place[0], 3);
    expect(y).toBeCloseTo(place[1], 3);
  });

  it.each([32600, 32661, 2154, 28347, 7845, 0])('does not know EPSG:%i', (epsg) => {
    expect(projectionOf(epsg)).toBeUndefined();
  });
});
