import { type FileHandle, open } from 'node:fs/promises';
import { extname } from 'node:path';
import { ProblemError } from '../problems.ts';

const HEAD_BYTES = 8192;
const PARQUET = Buffer.from('PAR1');
/** Twice the magic and the length of the footer. */
const PARQUET_MIN_BYTES = 12;

const ZIP = [Buffer.from('PK\x03\x04'), Buffer.from('PK\x05\x06')];
const TIFF = [
  Buffer.from('II*\0'),
  Buffer.from('MM\0*'),
  Buffer.from('II+\0'),
  Buffer.from('MM\0+'),
];

/** With what the files of a kind begin. */
const BEGINNINGS: ReadonlyMap<string, readonly Buffer[]> = new Map([
  ['.zip', ZIP],
  ['.xlsx', ZIP],
  ['.xls', [Buffer.from('d0cf11e0a1b11ae1', 'hex')]],
  ['.gpkg', [Buffer.from('SQLite format 3\0')]],
  ['.tif', TIFF],
  ['.tiff', TIFF],
  ['.parquet', [PARQUET]],
]);

const TEXTS: ReadonlySet<string> = new Set(['.csv', '.json', '.geojson']);

/** @throws ProblemError 422 if the bytes are not of the kind that the name says */
export async function requireContent(path: string, filename: string): Promise<void> {
  const extension = extname(filename).toLowerCase();
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const head = await read(file, 0, Math.min(HEAD_BYTES, size));
    if (size === 0) throw new ProblemError(422, 'The uploaded file is empty');
    const fits = beginsWell(extension, head) && (await endsWell(extension, file, size));
    if (!fits) throw new ProblemError(422, `The content is not that of a '${extension}' file`);
  } finally {
    await file.close();
  }
}

function beginsWell(extension: string, head: Buffer): boolean {
  if (TEXTS.has(extension)) return !head.includes(0);
  const beginnings = BEGINNINGS.get(extension);
  return beginnings?.some((magic) => head.subarray(0, magic.length).equals(magic)) ?? true;
}

/** A file of Parquet that ends early has lost all that says what is in it. */
async function endsWell(extension: string, file: FileHandle, size: number): Promise<boolean> {
  if (extension !== '.parquet') return true;
  if (size < PARQUET_MIN_BYTES) return false;
  return (await read(file, size - PARQUET.length, PARQUET.length)).equals(PARQUET);
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
