import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';

const HEADER = 'id,observed_at,station,latitude,longitude,value,note\n';
const STATIONS = ['north pier', '"harbour ""A"""', '"mill, lower"', 'ridge'];
const ROWS_AT_ONCE = 5000;

/** Numbers between 0 and 1, the same ones in every run. */
function* pseudoRandom() {
  for (let state = 1; ; ) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    yield state / 0x7fffffff;
  }
}

function row(number, random) {
  const next = () => random.next().value;
  const time = new Date(1.7e12 + number * 60_000).toISOString();
  const place = `${(next() * 180 - 90).toFixed(6)},${(next() * 360 - 180).toFixed(6)}`;
  const station = STATIONS[Math.floor(next() * STATIONS.length)];
  const note = next() < 0.1 ? '"two\nlines"' : '';
  return `${number},${time},${station},${place},${(next() * 100).toFixed(3)},${note}\n`;
}

/** A CSV of measurements with quotes, and newlines in some of them, of at least so many bytes. */
export async function makeTable(path, bytes, signal) {
  const file = await open(path, 'wx');
  const random = pseudoRandom();
  try {
    let written = (await file.write(HEADER)).bytesWritten;
    for (let number = 1; written < bytes; number += ROWS_AT_ONCE) {
      signal.throwIfAborted();
      const rows = Array.from({ length: ROWS_AT_ONCE }, (_, at) => row(number + at, random));
      written += (await file.write(rows.join(''))).bytesWritten;
    }
    return written;
  } finally {
    await file.close();
  }
}

/** The rows of some streams, one after the other, each without its header. */
async function digestOfRows(streams) {
  const hash = createHash('sha256');
  for (const stream of streams) {
    let header = Buffer.alloc(0);
    for await (const chunk of stream) {
      const missing = HEADER.length - header.length;
      header = Buffer.concat([header, chunk.subarray(0, missing)]);
      hash.update(chunk.subarray(missing));
    }
    if (header.toString() !== HEADER) throw new Error('a part does not begin with the header');
  }
  return hash.digest('hex');
}

const unzipped = (path) => createReadStream(path).compose(createGunzip());

/** @throws unless a gzip file, or all of a folder together, hold the rows of the table */
export async function assertSameRows(table, result, isFolder) {
  const names = isFolder ? (await readdir(result)).sort() : [''];
  const found = await digestOfRows(names.map((name) => unzipped(join(result, name))));
  const expected = await digestOfRows([createReadStream(table)]);
  if (found !== expected) throw new Error(`${result} does not hold the rows of the table`);
}
