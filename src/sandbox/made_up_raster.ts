import type { Bounds } from './bounding_box.ts';
import { type TiffField, tiffPreamble } from './geotiff_writer.ts';
import { madeUpPicture } from './made_up_picture.ts';

const BANDS = 3;
const RGB = 2;

/** A GeoTIFF in degrees whose pixels are made up: the same picture that previews of that name show. */
export function madeUpRaster(name: string, bounds: Bounds, pixels: number): Buffer {
  const { rgba } = madeUpPicture(name, pixels, pixels);
  const samples = rgba.filter((_value, index) => index % 4 < BANDS);
  const preamble = tiffPreamble({
    width: pixels,
    height: pixels,
    bands: BANDS,
    bitsPerSample: 8,
    sampleFormat: 1,
    rowsPerStrip: pixels,
    fields: placeFields(bounds, pixels),
  });
  return Buffer.concat([preamble, samples]);
}

function placeFields([west, south, east, north]: Bounds, pixels: number): TiffField[] {
  const scale = [(east - west) / pixels, (north - south) / pixels, 0];
  return [
    { tag: 262, type: 'short', values: [RGB] },
    { tag: 33550, type: 'double', values: scale },
    { tag: 33922, type: 'double', values: [0, 0, 0, west, north, 0] },
    { tag: 34735, type: 'short', values: GEOGRAPHIC_WGS84 },
  ];
}

/** GeoKeys: a geographic model, pixels are areas, EPSG:4326. */
const GEOGRAPHIC_WGS84 = [1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326];
