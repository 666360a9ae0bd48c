import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { PassThrough, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * SHA-256 of a file, in hex.
 *
 * @param decoder what its bytes go through first
 */
export async function sha256Of(
  path: string,
  signal: AbortSignal,
  decoder: Transform = new PassThrough(),
): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), decoder, hash, { signal });
  return hash.digest('hex');
}
