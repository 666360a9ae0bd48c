import { stat } from 'node:fs/promises';
import type { GeoTIFF, GeoTIFFImage } from 'geotiff';
import { readGeoreference } from '../georeference.ts';
import { readNodata } from '../raster_facts.ts';
import { withTiff } from '../tiff_file.ts';

/** TIFF's codes, in the words of GDAL. */
const SAMPLE_FORMATS: Readonly<Record<number, string>> = { 1: 'uint', 2: 'int', 3: 'float' };
const COMPRESSIONS: Readonly<Record<number, string>> = {
  5: 'LZW',
  7: 'JPEG',
  8: 'DEFLATE',
  32773: 'PACKBITS',
  32946: 'DEFLATE',
  50000: 'ZSTD',
};

/** The facts of a GeoTIFF in the members of a raster preview; undefined if it cannot be read. */
export async function rasterFacts(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    const { size } = await stat(path);
    return { ...(await withTiff(path, readFacts)), file_size_bytes: size };
  } catch (error) {
    // The reader throws plain errors for damaged bytes; one with a code comes from the disk.
    if (error instanceof Error && !('code' in error)) return undefined;
    throw error;
  }
}

async function readFacts(tiff: GeoTIFF): Promise<Record<string, unknown>> {
  const image = await tiff.getImage(0);
  const { epsg, transform } = readGeoreference(image);
  const nodata = await readNodata(image);
  const code: unknown = await image.fileDirectory.loadValue('Compression');
  return {
    crs_epsg: epsg ?? null,
    crs_wkt: null,
    band_count: image.getSamplesPerPixel(),
    width: image.getWidth(),
    height: image.getHeight(),
    dtype: dataType(image),
    nodata: nodata === undefined ? null : Number.isNaN(nodata) ? 'nan' : nodata,
    res_x: transform ? Math.abs(transform.a) : 1,
    res_y: transform ? Math.abs(transform.e) : 1,
    compression: (typeof code === 'number' ? COMPRESSIONS[code] : undefined) ?? null,
    is_cog_compliant: image.isTiled,
    compliance_reason: image.isTiled ? 'The image is tiled' : 'The image is in strips, not tiled',
    temporal_start: null,
  };
}

function dataType(image: GeoTIFFImage): string {
  return `${SAMPLE_FORMATS[image.getSampleFormat(0)] ?? 'other'}${image.getBitsPerSample(0)}`;
}
