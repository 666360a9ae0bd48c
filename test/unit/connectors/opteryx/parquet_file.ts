/**
 * As a Parquet file lies on disk, with arbitrary bytes for rows and footer.
 *
 * @param stated what it says of the length of its footer
 */
export function parquetFile(
  rowBytes: number,
  footerBytes: number,
  { stated = footerBytes, end = 'PAR1' }: { stated?: number; end?: string } = {},
): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(stated);
  const rows = Buffer.alloc(rowBytes, 'row\0');
  const footer = Buffer.alloc(footerBytes, 'footer');
  return Buffer.concat([Buffer.from('PAR1'), rows, footer, length, Buffer.from(end)]);
}
