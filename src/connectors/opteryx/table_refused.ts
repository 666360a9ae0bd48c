import { plainText } from '../../geopera/plain_text.ts';
import { EmptyTable, NotATable, RecordTooLarge, TooManyParts } from './parts/table_refusals.ts';

/** A Parquet file is one part, and this one is larger than a part may be. */
export class ParquetTooLarge extends Error {
  override readonly name = 'ParquetTooLarge';
  readonly mostBytes: number;

  constructor(bytes: number, mostBytes: number) {
    super(
      `its ${bytes} bytes are more than the ${mostBytes} that one part of an upload session takes, and a Parquet file cannot be cut. Write it as several smaller files; where the service has contracts, --opteryx-api v2 takes it whole.`,
    );
    this.mostBytes = mostBytes;
  }
}

/** A file that is not sent, or not to its end, for what it holds; its message says what to do. */
export class TableRefused extends Error {
  override readonly name = 'TableRefused';
  readonly fileName: string;

  constructor(fileName: string, cause: Error) {
    super(`${plainText(fileName, 255)} is not taken: ${cause.message}`, { cause });
    this.fileName = fileName;
  }
}

const REASONS = [NotATable, EmptyTable, RecordTooLarge, TooManyParts, ParquetTooLarge];

/** Gives what is wrong with a table the name of its file; any other error as it is. */
export function namingTable(fileName: string, failure: unknown): unknown {
  const reason = REASONS.find((it) => failure instanceof it);
  if (reason === undefined || !(failure instanceof Error)) return failure;
  return new TableRefused(fileName, failure);
}
