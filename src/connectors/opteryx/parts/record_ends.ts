import type { TextKind } from './table_kind.ts';

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const COMMA = 0x2c;
/** What may separate the fields of a header; the first one wins where two are as frequent. */
const DELIMITERS = [COMMA, ...Buffer.from(';\t|')];

/**
 * Where the records of a text end. The bytes asked about hold the record from its start, so that no state
 * but a place in it outlives a chunk.
 */
export interface RecordEnds {
  /**
   * Where the record that starts at `start` ends, its newline included; `undefined` if the bytes do not hold
   * its end. Ask again with the same record and more bytes: it goes on where it stopped.
   */
  next(bytes: Buffer, start: number): number | undefined;
  /** Whether the last record, which has no newline, stops inside quotes. */
  stopsInQuotes(bytes: Buffer, start: number): boolean;
}

/** Where something is in some bytes, looked for once as long as the place is ahead. */
class NextByte {
  readonly #byte: number;
  #bytes: Buffer | undefined;
  #at = -1;

  constructor(byte: number) {
    this.#byte = byte;
  }

  /** The first place from `from` on; the length of the bytes if there is none. */
  from(bytes: Buffer, from: number): number {
    if (this.#bytes !== bytes || this.#at < from) {
      const found = bytes.indexOf(this.#byte, from);
      this.#bytes = bytes;
      this.#at = found === -1 ? bytes.length : found;
    }
    return this.#at;
  }
}

/** A line is a record: a newline inside a JSON string is escaped. */
class LineEnds implements RecordEnds {
  #looked = 0;

  next(bytes: Buffer, start: number): number | undefined {
    const found = bytes.indexOf(LF, start + this.#looked);
    this.#looked = found === -1 ? bytes.length - start : 0;
    return found === -1 ? undefined : found + 1;
  }

  stopsInQuotes(): boolean {
    return false;
  }
}

/**
 * Newlines inside quotes end nothing. A quote opens only at the start of a field: `5" pipe` has none that does.
 * Of records of 70 bytes with quotes in some, this is 1.7 times as fast as looking at each byte.
 */
class CsvEnds implements RecordEnds {
  readonly #delimiters: ReadonlySet<number | undefined>;
  readonly #newline = new NextByte(LF);
  readonly #quote = new NextByte(QUOTE);
  #looked = 0;
  #inQuotes = false;

  constructor(delimiters: readonly number[]) {
    this.#delimiters = new Set(delimiters);
  }

  next(bytes: Buffer, start: number): number | undefined {
    let at: number | undefined = start + this.#looked;
    for (;;) {
      if (this.#inQuotes) at = this.#afterQuotes(bytes, start, at);
      if (at === undefined) return undefined;
      const newline = this.#newline.from(bytes, at);
      const opening = this.#openingQuote(bytes, start, at, newline);
      if (opening === undefined) return this.#ended(bytes, start, newline);
      this.#inQuotes = true;
      at = opening + 1;
    }
  }

  stopsInQuotes(bytes: Buffer, start: number): boolean {
    const closesAtEnd = start + this.#looked === bytes.length - 1;
    return this.#inQuotes && !closesAtEnd;
  }

  /** The place after the closing quote, or `undefined` while it is not known whether or where they close. */
  #afterQuotes(bytes: Buffer, start: number, from: number): number | undefined {
    let at = bytes.indexOf(QUOTE, from);
    // Two of them are one that is meant.
    while (at !== -1 && bytes[at + 1] === QUOTE) at = bytes.indexOf(QUOTE, at + 2);
    if (at === -1 || at + 1 === bytes.length) {
      this.#looked = (at === -1 ? bytes.length : at) - start;
      return undefined;
    }
    this.#inQuotes = false;
    return at + 1;
  }

  #openingQuote(bytes: Buffer, start: number, from: number, before: number): number | undefined {
    let at = this.#quote.from(bytes, from);
    while (at < before && !this.#startsField(bytes, start, at))
      at = this.#quote.from(bytes, at + 1);
    return at < before ? at : undefined;
  }

  #startsField(bytes: Buffer, start: number, at: number): boolean {
    if (at === start || this.#delimiters.has(bytes[at - 1])) return true;
    return at - start === BYTE_ORDER_MARK.length && startsWithMark(bytes, start);
  }

  #ended(bytes: Buffer, start: number, newline: number): number | undefined {
    const isWhole = newline < bytes.length;
    this.#looked = isWhole ? 0 : bytes.length - start;
    return isWhole ? newline + 1 : undefined;
  }
}

const startsWithMark = (bytes: Buffer, start: number): boolean =>
  bytes.subarray(start, start + BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);

/** Whether there is nothing from `start` to `end` but a newline and a byte order mark: no record. */
export function isBlankLine(bytes: Buffer, start: number, end: number): boolean {
  let last = end;
  if (last > start && bytes[last - 1] === LF) last--;
  if (last > start && bytes[last - 1] === CR) last--;
  if (last - start === BYTE_ORDER_MARK.length && startsWithMark(bytes, start)) return true;
  return last === start;
}

/** Ends of the first records, by whatever separates their fields. */
export function firstRecordEnds(format: TextKind['format']): RecordEnds {
  return format === 'csv' ? new CsvEnds(DELIMITERS) : new LineEnds();
}

/** Ends of the records after a CSV's header, which tells what separates their fields. */
export function recordEndsAfter(header: Buffer): RecordEnds {
  return new CsvEnds([delimiterOf(header)]);
}

/** What is outside quotes most often; a comma if nothing is. */
function delimiterOf(header: Buffer): number {
  const counts = new Map<number, number>();
  let inQuotes = false;
  for (const byte of header) {
    // Doubled quotes close and open again, which comes to the same.
    if (byte === QUOTE) inQuotes = !inQuotes;
    if (!inQuotes) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  }
  const count = (delimiter: number) => counts.get(delimiter) ?? 0;
  return DELIMITERS.reduce((best, other) => (count(other) > count(best) ? other : best), COMMA);
}
