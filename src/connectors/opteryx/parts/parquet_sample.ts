import type { UploadSource } from '../../../transfer/sources/upload_source.ts';
import { PARQUET_MAGIC, parquetFooter } from './parquet_footer.ts';
import { readRange } from './source_range.ts';

/** A file of so many bytes is its own sample, if there is room. */
const WHOLE_BYTES = 1024 * 1024;

/**
 * What tells the columns of a Parquet file: the magic and its footer, which names them. The rows between are
 * left out; a small file goes whole.
 *
 * @param room how many bytes of sample are wanted at most; a footer goes whole all the same
 * @throws NotATable `not_parquet`, `parquet_encrypted`, `parquet_footer`
 */
export async function parquetSample(
  source: UploadSource,
  signal: AbortSignal,
  room = WHOLE_BYTES,
): Promise<Uint8Array> {
  const footer = await parquetFooter(source, signal);
  if (source.size <= Math.min(room, WHOLE_BYTES))
    return readRange(source, { start: 0, end: source.size }, signal);
  return Buffer.concat([PARQUET_MAGIC, await readRange(source, footer, signal)]);
}
