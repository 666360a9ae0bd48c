import type { SourceRange, UploadSource } from '../../../transfer/sources/upload_source.ts';
import { readRange } from './source_range.ts';
import { NotATable } from './table_refusals.ts';

/** What a Parquet file begins and ends with. */
export const PARQUET_MAGIC = Buffer.from('PAR1');
const ENCRYPTED_MAGIC = Buffer.from('PARE');
/** At the very end: how many bytes the footer has, least significant byte first, and the magic. */
const TAIL_BYTES = 8;
/** A footer grows with columns and row groups: one of tens of thousands of columns has some MiB. */
const MOST_FOOTER_BYTES = 64 * 1024 * 1024;

/**
 * Where the footer of a Parquet file lies, with its length and the magic after it.
 *
 * @throws NotATable `not_parquet`, `parquet_encrypted`, `parquet_footer`
 */
export async function parquetFooter(
  source: UploadSource,
  signal: AbortSignal,
): Promise<SourceRange> {
  const { size } = source;
  if (size < PARQUET_MAGIC.length + TAIL_BYTES) throw new NotATable('not_parquet');
  const head = await readRange(source, { start: 0, end: PARQUET_MAGIC.length }, signal);
  const tail = await readRange(source, { start: size - TAIL_BYTES, end: size }, signal);
  const magic = tail.subarray(-PARQUET_MAGIC.length);
  if (magic.equals(ENCRYPTED_MAGIC)) throw new NotATable('parquet_encrypted');
  if (!head.equals(PARQUET_MAGIC) || !magic.equals(PARQUET_MAGIC)) {
    throw new NotATable('not_parquet');
  }
  const footerBytes = tail.readUInt32LE(0);
  const start = size - TAIL_BYTES - footerBytes;
  const isSane =
    footerBytes > 0 && footerBytes <= MOST_FOOTER_BYTES && start >= PARQUET_MAGIC.length;
  if (!isSane) throw new NotATable('parquet_footer');
  return { start, end: size };
}
