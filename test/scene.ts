import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeArrayBuffer } from 'geotiff';

/** Writes a file of so many bytes that is no raster, and returns its path. */
export async function writeBytes(folder: string, name: string, bytes: number): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, randomBytes(bytes));
  return path;
}

/** Writes a small georeferenced GeoTIFF (EPSG:4326, around 151.2 E 33.9 S) and returns its path. */
export async function writeScene(
  folder: string,
  name: string,
  { width = 64, height = 48 } = {},
): Promise<string> {
  const values = Uint8Array.from({ length: width * height }, (_, i) => (i * 7) % 251);
  const bytes = writeArrayBuffer(values, {
    width,
    height,
    GeographicTypeGeoKey: 4326,
    GTModelTypeGeoKey: 2,
    GTRasterTypeGeoKey: 1,
    ModelPixelScale: [0.001, 0.001, 0],
    ModelTiepoint: [0, 0, 0, 151.2, -33.8, 0],
  });
  const path = join(folder, name);
  await writeFile(path, Buffer.from(bytes));
  return path;
}
