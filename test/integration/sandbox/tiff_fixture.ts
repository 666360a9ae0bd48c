import { writeArrayBuffer } from 'geotiff';
import { type TiffField, tiffPreamble } from '../../../src/sandbox/geotiff_writer.ts';

export type Samples =
  | Uint8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

export interface RasterOptions {
  readonly width: number;
  readonly height: number;
  readonly bands?: number;
  /** EPSG code; 32755 (UTM 55 south) if absent. */
  readonly epsg?: number;
  readonly origin?: readonly [number, number];
  readonly pixel?: number;
  readonly nodata?: string;
  readonly pixelIsPoint?: boolean;
}

const GEOGRAPHIC = new Set([4326, 4283, 7844]);

/**
 * A small GeoTIFF of interleaved samples. The writer stores signed samples as single bytes, so
 * they are handed over as the same bits in an unsigned array.
 */
export function geotiffOf(samples: Samples, options: RasterOptions): Uint8Array {
  const { width, height, bands = 1, epsg = 32755, pixel = 10 } = options;
  const [x, y] = options.origin ?? [500_000, 6_000_000];
  const signed = samples instanceof Int16Array || samples instanceof Int32Array;
  const float = samples instanceof Float32Array || samples instanceof Float64Array;
  const sampleFormat = float ? 3 : signed ? 2 : 1;
  const geographic = GEOGRAPHIC.has(epsg);
  const buffer = writeArrayBuffer(unsignedBits(samples), {
    width,
    height,
    BitsPerSample: Array<number>(bands).fill(samples.BYTES_PER_ELEMENT * 8),
    SampleFormat: Array<number>(bands).fill(sampleFormat),
    SamplesPerPixel: bands,
    PhotometricInterpretation: 1,
    ModelPixelScale: [pixel, pixel, 0],
    ModelTiepoint: [0, 0, 0, x, y, 0],
    GTModelTypeGeoKey: geographic ? 2 : 1,
    ...(geographic ? { GeographicTypeGeoKey: epsg } : { ProjectedCSTypeGeoKey: epsg }),
    ...(options.pixelIsPoint ? { GTRasterTypeGeoKey: 2 } : {}),
    ...(options.nodata === undefined ? {} : { GDAL_NODATA: `${options.nodata}\0` }),
  });
  return new Uint8Array(buffer);
}

function unsignedBits(samples: Samples) {
  if (samples instanceof Int16Array) return new Uint16Array(samples.buffer);
  if (samples instanceof Int32Array) return new Uint32Array(samples.buffer);
  return samples;
}

/** Samples that differ from pixel to pixel: band, row and column can be told from each. */
export function ramp<Kind extends Samples>(
  make: (length: number) => Kind,
  { width, height, bands = 1 }: Pick<RasterOptions, 'width' | 'height' | 'bands'>,
): Kind {
  const samples = make(width * height * bands);
  for (let index = 0; index < samples.length; index += 1) {
    samples[index] = rampValue(index, bands, width);
  }
  return samples;
}

function rampValue(index: number, bands: number, width: number): number {
  const pixel = Math.floor(index / bands);
  return (index % bands) * 100 + Math.floor(pixel / width) * 10 + (pixel % width) + 1;
}

const DIRECTORY = 8;
const UTM_55_SOUTH = [1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 32755];

/** A raster of bytes with GDAL's metadata, which geotiff's own writer cannot write. */
export function geotiffWithMetadata(
  samples: Uint8Array,
  { width, height }: Pick<RasterOptions, 'width' | 'height'>,
  metadata: string,
): Uint8Array {
  return bytesTiff(samples, width, height, [{ tag: 42112, type: 'ascii', values: metadata }]);
}

/** A raster of bytes with one overview behind it, as a COG has. */
export function geotiffWithOverview(
  samples: Uint8Array,
  { width, height }: Pick<RasterOptions, 'width' | 'height'>,
  overview: { readonly edge: number; readonly value: number },
): Uint8Array {
  const image = Buffer.from(bytesTiff(samples, width, height, []));
  const count = image.readUInt16LE(DIRECTORY);
  const pixelBytes = overview.edge * overview.edge;
  const entries = [
    [254, 1],
    [256, overview.edge],
    [257, overview.edge],
    [258, 8],
    [259, 1],
    [262, 1],
    [273, image.length],
    [277, 1],
    [278, overview.edge],
    [279, pixelBytes],
  ];
  const directory = Buffer.alloc(2 + entries.length * 12 + 4);
  directory.writeUInt16LE(entries.length);
  for (const [index, [tag = 0, value = 0]] of entries.entries()) {
    directory.writeUInt16LE(tag, 2 + index * 12);
    directory.writeUInt16LE(4, 4 + index * 12);
    directory.writeUInt32LE(1, 6 + index * 12);
    directory.writeUInt32LE(value, 10 + index * 12);
  }
  image.writeUInt32LE(image.length + pixelBytes, DIRECTORY + 2 + count * 12);
  return Buffer.concat([image, Buffer.alloc(pixelBytes, overview.value), directory]);
}

function bytesTiff(
  samples: Uint8Array,
  width: number,
  height: number,
  extra: readonly TiffField[],
): Uint8Array {
  const preamble = tiffPreamble({
    width,
    height,
    bands: 1,
    bitsPerSample: 8,
    sampleFormat: 1,
    rowsPerStrip: 64,
    fields: [
      { tag: 262, type: 'short', values: [1] },
      { tag: 33550, type: 'double', values: [10, 10, 0] },
      { tag: 33922, type: 'double', values: [0, 0, 0, 500_000, 6_000_000, 0] },
      { tag: 34735, type: 'short', values: UTM_55_SOUTH },
      ...extra,
    ],
  });
  return Buffer.concat([preamble, samples]);
}
