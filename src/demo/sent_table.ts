import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { sha256Of } from './file_digest.ts';

/** A table that is shown to arrive as it is. */
export interface SentTable {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Of the table itself, decompressed. */
  readonly sha256: string;
}

const DECODERS: Readonly<Record<string, () => Transform>> = {
  '.gz': createGunzip,
  '.br': createBrotliDecompress,
};

export async function tableAt(path: string, signal: AbortSignal): Promise<SentTable> {
  const { size } = await stat(path);
  const decoder = DECODERS[extname(path).toLowerCase()];
  return { name: basename(path), size, sha256: await sha256Of(path, signal, decoder?.()) };
}
