import { extname } from 'node:path';

/** Media types of the files that people bring, by extension (IANA names where there is one). */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
  '.jp2': 'image/jp2',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.geojson': 'application/geo+json',
  '.json': 'application/json',
  '.gpkg': 'application/geopackage+sqlite3',
  '.parquet': 'application/vnd.apache.parquet',
  '.csv': 'text/csv',
  '.kml': 'application/vnd.google-earth.kml+xml',
  '.kmz': 'application/vnd.google-earth.kmz',
  '.xml': 'application/xml',
  '.nc': 'application/netcdf',
  '.h5': 'application/x-hdf5',
  '.las': 'application/vnd.las',
  '.laz': 'application/vnd.laszip',
  '.zip': 'application/zip',
};

/** The media type to sign for a file when the caller names none. */
export function contentTypeOf(fileName: string): string {
  return BY_EXTENSION[extname(fileName).toLowerCase()] ?? 'application/octet-stream';
}
