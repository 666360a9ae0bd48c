import { crc32, inflateSync } from 'node:zlib';

/** A PNG of eight bits, red, green, blue and opacity, whose rows are unfiltered, read back. */
export interface ReadPng {
  readonly width: number;
  readonly height: number;
  at(column: number, row: number): number[];
}

/** @throws Error if it is no such PNG, or one of its checksums is wrong */
export function readPng(bytes: Buffer): ReadPng {
  if (bytes.toString('latin1', 1, 8) !== 'PNG\r\n\u001a\n') throw new Error('no PNG');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end)) throw new Error('damaged');
    chunks.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, end));
    at = end + 4;
  }
  const [header, data] = [chunks.get('IHDR'), chunks.get('IDAT')];
  if (!header || !data || !chunks.has('IEND')) throw new Error('a chunk is missing');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  if (header.readUInt16BE(8) !== 0x0806) throw new Error('another kind of pixels');
  const rows = inflateSync(data);
  const rowBytes = width * 4 + 1;
  if (rows.length !== height * rowBytes) throw new Error('another number of pixels');
  return {
    width,
    height,
    at: (column, row) => {
      if (rows[row * rowBytes] !== 0) throw new Error('a filtered row');
      const start = row * rowBytes + 1 + column * 4;
      return [...rows.subarray(start, start + 4)];
    },
  };
}
