/** Lights at the mouth of a harbour: what they are, where, and how they flash. */
const LIGHTS: readonly (readonly [name: string, lon: number, lat: number, character: string])[] = [
  ['North Head', 151.2997, -33.8226, 'Fl W 10s'],
  ['South Head', 151.2811, -33.8334, 'Fl W 5s'],
  ['Middle Ground', 151.2676, -33.8391, 'Q (6)+LFl 15s'],
  ['Eastern Channel', 151.2729, -33.8427, 'Fl R 3s'],
  ['Western Channel', 151.2611, -33.8404, 'Fl G 3s'],
];

/** A small GeoJSON of made-up lights, the same one each time. */
export function lightsGeoJson(): string {
  const features = LIGHTS.map(([name, lon, lat, character]) => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [lon, lat] },
    properties: { name, character },
  }));
  return `${JSON.stringify({ type: 'FeatureCollection', features }, null, 2)}\n`;
}
