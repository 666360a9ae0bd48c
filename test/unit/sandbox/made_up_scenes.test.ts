import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOSTS } from '../../../src/sandbox/imagery_market.ts';
import { gridOf, sceneFeature, sceneOfId } from '../../../src/sandbox/made_up_scenes.ts';

const until = Date.parse('2026-03-01T00:00:00Z');
const collections = HOSTS.flatMap((host) =>
  host.collections.map((collection) => ({ host, collection })),
);
const place = fc.record({
  of: fc.constantFrom(...collections),
  lon: fc.double({ min: -180, max: 180, noNaN: true }),
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
});

describe('a made-up scene', () => {
  it('covers the place it was looked for at, and is found again by its id', () => {
    fc.assert(
      fc.property(place, fc.nat(), ({ of: { host, collection }, lon, lat }, luck) => {
        const grid = gridOf(host, collection, [lon, lat, lon, lat], until);
        const scene = grid.at(luck % grid.count);
        const [west, south, east, north] = scene.bounds;
        const margin = 0.002;
        expect(lon).toBeGreaterThanOrEqual(west - margin);
        expect(lon).toBeLessThanOrEqual(east + margin);
        expect(lat).toBeGreaterThanOrEqual(south - margin);
        expect(lat).toBeLessThanOrEqual(north + margin);
        if (scene.takenAt <= until) {
          expect(sceneFeature(sceneOfId(scene.id, until) ?? scene)).toEqual(sceneFeature(scene));
          expect(sceneOfId(scene.id, until)?.id).toBe(scene.id);
        }
        expect(sceneOfId(scene.id, scene.takenAt - 1)).toBeUndefined();
      }),
    );
  });

  it('is one of as many as there are cells and days, none of them twice', () => {
    const [{ host, collection } = { host: undefined, collection: undefined }] = collections;
    if (!host || !collection) throw new Error('no market');
    const grid = gridOf(host, collection, [10.5, 50.5, 12.5, 51.5], Date.UTC(2024, 1, 1));
    const ids = Array.from({ length: grid.count }, (_, index) => grid.at(index).id);
    expect(grid.count).toBe(3 * 2 * 7);
    expect(new Set(ids).size).toBe(grid.count);
  });

  it.each(['', 'x', 'sandbox-50cm', 'sandbox-50cm_1_1_01', 'sandbox-50cm_9999_0_1', 'no_0_0_0'])(
    '%j is the id of none',
    (id) => {
      expect(sceneOfId(id, until)).toBeUndefined();
    },
  );
});
