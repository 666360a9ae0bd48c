import { writeArrayBuffer } from 'geotiff';

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
  readonly metadata?: string;
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
    ...(options.metadata === undefined ? {} : { GDAL_METADATA: options.metadata }),
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
