import { type FileHandle, open } from 'node:fs/promises';
import { GeoTIFF } from 'geotiff';

/** The reader asks for this much at a place in the hope that a whole directory is there. */
const READ_AHEAD_BYTES = 4096;

/** The bytes are no TIFF, or one that ends early or is damaged. */
export class TiffUnreadableError extends Error {
  override readonly name = 'TiffUnreadableError';
}

/**
 * Opens a TIFF for as long as `use` runs. The file is closed whatever happens, which the reader's
 * own file source does not do for a file that it fails to parse.
 *
 * @throws TiffUnreadableError if the bytes are no TIFF; whatever `use` throws
 */
export async function withTiff<Result>(
  path: string,
  use: (tiff: GeoTIFF) => Promise<Result>,
): Promise<Result> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return await use(await parse(file, size));
  } finally {
    await file.close();
  }
}

async function parse(file: FileHandle, size: number): Promise<GeoTIFF> {
  try {
    const tiff = await GeoTIFF.fromSource(sourceOf(file, size));
    await tiff.getImage(0);
    return tiff;
  } catch (error) {
    throw new TiffUnreadableError('The bytes are no TIFF that can be read.', { cause: error });
  }
}

interface Slice {
  readonly offset: number;
  readonly length: number;
}

/** A file as the reader wants it, which refuses to invent bytes past the end of the file. */
function sourceOf(file: FileHandle, size: number) {
  const read = async ({ offset, length }: Slice): Promise<ArrayBuffer> => {
    if (offset + length > size + READ_AHEAD_BYTES) {
      throw new TiffUnreadableError('The TIFF points past its own end.');
    }
    const bytes = new Uint8Array(new ArrayBuffer(length));
    await file.read(bytes, 0, length, offset);
    return bytes.buffer;
  };
  return {
    fetch: (slices: readonly Slice[]) => Promise.all(slices.map(read)),
    fetchSlice: async (slice: Slice) => ({ ...slice, data: await read(slice) }),
    fileSize: size,
    close: async () => {},
  };
}
