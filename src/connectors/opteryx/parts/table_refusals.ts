/** Why a file is not taken as a table, and what a person can do about it. */
const NOT_A_TABLE = {
  unknown_kind:
    'only tables are taken: .parquet, .pq, .csv, .ndjson, .jsonl and .json, the text ones also with .gz or .br after that. Convert the file to one of these.',
  codec_unsupported:
    'this server cannot read Zstandard. Decompress the file, or compress it with gzip instead (.gz).',
  codec_on_parquet:
    'a Parquet file is compressed inside and is taken as it is. Decompress it and send the .parquet file.',
  damaged_codec:
    'its compressed data is damaged or cut short. Compress the file anew, or copy it again.',
  not_parquet:
    'it does not begin and end as a Parquet file does (PAR1), so it is of another kind or was cut short. Write or copy it again.',
  parquet_footer:
    'the length of its Parquet footer cannot be right, so the file is damaged. Write or copy it again.',
  parquet_encrypted: 'its Parquet footer is encrypted. Write the file without encryption.',
  compressed_inside:
    'its bytes are compressed although its name does not say so. Give the name the ending of the compression, such as .csv.gz, or decompress the file.',
  archive:
    'it is a ZIP archive or a spreadsheet. Extract the table, or export it from the spreadsheet as CSV.',
  parquet_inside: 'it is a Parquet file. Give it a name that ends in .parquet.',
  utf16: 'its text is UTF-16. Save it as UTF-8.',
  binary: 'it holds NUL bytes, so it is not UTF-8 text. Save it as UTF-8 text.',
  bare_returns:
    'its lines end in a carriage return alone, so no record ends can be told. Save it with line feeds (LF or CRLF).',
  json_array:
    'it begins with a JSON array and not with an object. Write one object on each line instead, for example with: jq -c ".[]".',
  json_document:
    'its first line is not a whole JSON object. Write one object on each line instead, for example with: jq -c ".".',
  unclosed_quote: 'a quote in it is opened and never closed. Close it, or double it inside quotes.',
} as const;

/** Which of the reasons it is, as a word that a program can act on. */
export type NotATableReason = keyof typeof NOT_A_TABLE;

/** A file is no table that can be sent; its message says what to do, and no name. */
export class NotATable extends Error {
  override readonly name = 'NotATable';
  readonly reason: NotATableReason;
  /** Bytes of the text before what is wrong, where that is known. */
  readonly offset: number | undefined;

  constructor(
    reason: NotATableReason,
    { offset, cause }: { offset?: number; cause?: unknown } = {},
  ) {
    const where = offset === undefined ? '' : ` It begins at byte ${offset}.`;
    super(NOT_A_TABLE[reason] + where, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.offset = offset;
  }
}

/** A file without a single record, and without a header where one is wanted. */
export class EmptyTable extends Error {
  override readonly name = 'EmptyTable';

  constructor() {
    super('the file holds no records.');
  }
}

/** Where a record is that does not fit into any part. */
export interface OversizedRecord {
  /** Bytes of the text before it, decoded where the file is compressed. */
  readonly offset: number;
  /** From 1; 0 is the header of a CSV. */
  readonly record: number;
  readonly limitBytes: number;
  /** What is limited: the bytes that are sent, or what they are once decoded. */
  readonly of: 'wire' | 'decoded';
}

/** One record is larger than a part may be. */
export class RecordTooLarge extends Error implements OversizedRecord {
  override readonly name = 'RecordTooLarge';
  readonly offset: number;
  readonly record: number;
  readonly limitBytes: number;
  readonly of: 'wire' | 'decoded';

  constructor({ offset, record, limitBytes, of }: OversizedRecord) {
    const which = record === 0 ? 'the header' : `record ${record}`;
    const bytes = of === 'wire' ? 'bytes when compressed' : 'bytes';
    super(
      `${which}, which begins at byte ${offset}, has more than the ${limitBytes} ${bytes} that one part takes. In a CSV, a quote that is never closed can be the cause.`,
    );
    this.offset = offset;
    this.record = record;
    this.limitBytes = limitBytes;
    this.of = of;
  }
}

/** A file needs more parts than one upload takes. */
export class TooManyParts extends Error {
  override readonly name = 'TooManyParts';
  readonly mostParts: number;

  constructor(mostParts: number) {
    super(
      `the file needs more than the ${mostParts} parts that one upload takes. Split it into several files.`,
    );
    this.mostParts = mostParts;
  }
}
