import { open } from 'node:fs/promises';
import { parse } from 'node:path/posix';

const END = Buffer.from('PK\x05\x06');
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
/** The file of each layer that names it; a shapefile has others beside it. */
const LAYER_EXTENSIONS: ReadonlySet<string> = new Set(['.shp', '.geojson', '.csv']);

/** The layers in an archive by its directory; nothing is unpacked. Undefined if it is damaged. */
export async function zipLayers(path: string): Promise<string[] | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const read = async (position: number, length: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    };
    const tailBytes = Math.min(size, END_BYTES + MAX_COMMENT_BYTES);
    const tail = await read(size - tailBytes, tailBytes);
    const end = tail.lastIndexOf(END);
    if (end < 0 || end + END_BYTES > tail.length) return undefined;
    const directory = await read(tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
    return entryNames(directory)
      .map((name) => parse(name))
      .filter(({ ext }) => LAYER_EXTENSIONS.has(ext.toLowerCase()))
      .map(({ name }) => name);
  } finally {
    await file.close();
  }
}

function entryNames(directory: Buffer): string[] {
  const names: string[] = [];
  let at = 0;
  while (at + ENTRY_BYTES <= directory.length && directory.readUInt32LE(at) === ENTRY) {
    const nameBytes = directory.readUInt16LE(at + 28);
    const rest = directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    names.push(directory.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes));
    at += ENTRY_BYTES + nameBytes + rest;
  }
  return names;
}
