import type { UploadSource } from '../../../transfer/sources/upload_source.ts';
import { PARQUET_MAGIC, parquetFooter } from './parquet_footer.ts';
import { readRange } from './source_range.ts';

/** A file of so many bytes is its own sample. */
const WHOLE_BYTES = 1024 * 1024;

/**
 * What tells the columns of a Parquet file: the magic and its footer, which names them. The rows between are
 * left out; a small file goes whole.
 *
 * @throws NotATable `not_parquet`, `parquet_encrypted`, `parquet_footer`
 */
export async function parquetSample(
  source: UploadSource,
  signal: AbortSignal,
  wholeBytes = WHOLE_BYTES,
): Promise<Uint8Array> {
  const footer = await parquetFooter(source, signal);
  if (source.size <= wholeBytes) return readRange(source, { start: 0, end: source.size }, signal);
  return Buffer.concat([PARQUET_MAGIC, await readRange(source, footer, signal)]);
}
