import { endianness } from 'node:os';

/** Field types of TIFF 6.0 that the writer needs, with their code and size in bytes. */
const FIELD_TYPES = {
  ascii: { code: 2, size: 1 },
  short: { code: 3, size: 2 },
  long: { code: 4, size: 4 },
  double: { code: 12, size: 8 },
} as const;

/** Samples are written as they lie in memory, so the file takes the machine's byte order. */
const LITTLE_ENDIAN = endianness() === 'LE';
const ENTRY_BYTES = 12;
const HEADER_BYTES = 8;
const MAX_FILE_BYTES = 0xffff_ffff;

const TAGS = {
  ImageWidth: 256,
  ImageLength: 257,
  BitsPerSample: 258,
  Compression: 259,
  StripOffsets: 273,
  SamplesPerPixel: 277,
  RowsPerStrip: 278,
  StripByteCounts: 279,
  PlanarConfiguration: 284,
  SampleFormat: 339,
} as const;

/** One entry of a TIFF directory; text gets its closing NUL here. */
export interface TiffField {
  readonly tag: number;
  readonly type: keyof typeof FIELD_TYPES;
  readonly values: string | ArrayLike<number>;
}

/** Shape of a raster of interleaved bands, and the fields to write besides those that follow. */
export interface TiffLayout {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  readonly bitsPerSample: number;
  /** TIFF's code: 1 unsigned, 2 signed, 3 floating point. */
  readonly sampleFormat: 1 | 2 | 3;
  readonly rowsPerStrip: number;
  readonly fields: readonly TiffField[];
}

/** The raster needs more bytes than a classic TIFF can hold. */
class TiffTooLargeError extends Error {
  override readonly name = 'TiffTooLargeError';
}

/**
 * Everything of an uncompressed, striped, classic TIFF that stands before its pixels; the strips
 * follow at once, in order. Own code because geotiff's writer writes signed samples as single
 * bytes, has room for 1,000 bytes of fields only, and needs the whole raster in memory.
 *
 * @throws TiffTooLargeError beyond 4 GiB
 */
export function tiffPreamble(layout: TiffLayout): Buffer {
  const counts = stripByteCounts(layout);
  const pixelBytes = counts.reduce((total, count) => total + count, 0);
  // The length of the fields does not depend on their values, which may not fit yet.
  const length = encode(allFields(layout, Array<number>(counts.length).fill(0), 0)).length;
  if (length + pixelBytes > MAX_FILE_BYTES) {
    throw new TiffTooLargeError('The raster does not fit a TIFF of 4 GiB.');
  }
  return encode(allFields(layout, counts, length));
}

function stripByteCounts({ width, height, bands, bitsPerSample, rowsPerStrip }: TiffLayout) {
  const rowBytes = width * bands * (bitsPerSample / 8);
  const strips = Math.ceil(height / rowsPerStrip);
  return Array.from(
    { length: strips },
    (_, index) => Math.min(rowsPerStrip, height - index * rowsPerStrip) * rowBytes,
  );
}

function allFields(
  layout: TiffLayout,
  counts: readonly number[],
  pixelStart: number,
): readonly TiffField[] {
  const perBand = (value: number) => Array<number>(layout.bands).fill(value);
  let next = pixelStart;
  const offsets = counts.map((count) => {
    const offset = next;
    next += count;
    return offset;
  });
  const own: TiffField[] = [
    { tag: TAGS.ImageWidth, type: 'long', values: [layout.width] },
    { tag: TAGS.ImageLength, type: 'long', values: [layout.height] },
    { tag: TAGS.BitsPerSample, type: 'short', values: perBand(layout.bitsPerSample) },
    { tag: TAGS.Compression, type: 'short', values: [1] },
    { tag: TAGS.StripOffsets, type: 'long', values: offsets },
    { tag: TAGS.SamplesPerPixel, type: 'short', values: [layout.bands] },
    { tag: TAGS.RowsPerStrip, type: 'long', values: [layout.rowsPerStrip] },
    { tag: TAGS.StripByteCounts, type: 'long', values: counts },
    { tag: TAGS.PlanarConfiguration, type: 'short', values: [1] },
    { tag: TAGS.SampleFormat, type: 'short', values: perBand(layout.sampleFormat) },
  ];
  return [...own, ...layout.fields].sort((left, right) => left.tag - right.tag);
}

/** Header, directory, and the values that do not fit into their entries. */
function encode(fields: readonly TiffField[]): Buffer {
  const directoryBytes = 2 + fields.length * ENTRY_BYTES + 4;
  const directory = Buffer.alloc(HEADER_BYTES + directoryBytes);
  directory.write(LITTLE_ENDIAN ? 'II' : 'MM', 'latin1');
  writeShort(directory, 42, 2);
  writeLong(directory, HEADER_BYTES, 4);
  writeShort(directory, fields.length, HEADER_BYTES);
  const outside: Buffer[] = [];
  let outsideStart = directory.length;
  for (const [index, field] of fields.entries()) {
    const at = HEADER_BYTES + 2 + index * ENTRY_BYTES;
    const { code, size } = FIELD_TYPES[field.type];
    const bytes = fieldBytes(field);
    writeShort(directory, field.tag, at);
    writeShort(directory, code, at + 2);
    writeLong(directory, bytes.length / size, at + 4);
    if (bytes.length <= 4) {
      bytes.copy(directory, at + 8);
      continue;
    }
    writeLong(directory, outsideStart, at + 8);
    const padded = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
    outside.push(padded);
    outsideStart += padded.length;
  }
  return Buffer.concat([directory, ...outside]);
}

function fieldBytes({ type, values }: TiffField): Buffer {
  if (typeof values === 'string') return Buffer.from(`${values.replace(/\0+$/, '')}\0`, 'latin1');
  const { size } = FIELD_TYPES[type];
  const bytes = Buffer.alloc(values.length * size);
  const write = { ascii: writeByte, short: writeShort, long: writeLong, double: writeDouble }[type];
  for (const [index, value] of Array.from(values).entries()) write(bytes, value, index * size);
  return bytes;
}

function writeByte(target: Buffer, value: number, at: number): void {
  target.writeUInt8(value, at);
}

function writeShort(target: Buffer, value: number, at: number): void {
  if (LITTLE_ENDIAN) target.writeUInt16LE(value, at);
  else target.writeUInt16BE(value, at);
}

function writeLong(target: Buffer, value: number, at: number): void {
  if (LITTLE_ENDIAN) target.writeUInt32LE(value, at);
  else target.writeUInt32BE(value, at);
}

function writeDouble(target: Buffer, value: number, at: number): void {
  if (LITTLE_ENDIAN) target.writeDoubleLE(value, at);
  else target.writeDoubleBE(value, at);
}
