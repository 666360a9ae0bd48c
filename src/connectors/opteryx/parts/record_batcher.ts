import { firstRecordEnds, isBlankLine, type RecordEnds, recordEndsAfter } from './record_ends.ts';
import type { TextKind } from './table_kind.ts';
import { EmptyTable, NotATable, RecordTooLarge } from './table_refusals.ts';

/** Some whole records in a row, in memory of their own. */
export interface RecordBatch {
  readonly bytes: Buffer;
  /** How many records these are; blank lines among them are none. */
  readonly records: number;
  /** Number of the first one, from 1. */
  readonly firstRecord: number;
  /** Bytes of the text before it. */
  readonly offset: number;
}

/** How large a batch may get, in bytes. */
export interface BatchSizes {
  /** Of several records. One alone may have more. */
  readonly batchBytes: number;
  /** Of one record. */
  readonly recordBytes: number;
}

/**
 * Puts the records of a text into batches, chunk by chunk. Not the header of a CSV, with blank lines before
 * it: that is kept apart, since every part begins with it. A blank line goes with the records around it.
 */
export class RecordBatcher {
  readonly #format: TextKind['format'];
  readonly #sizesAfter: (headerBytes: number) => BatchSizes;
  #sizes: BatchSizes;
  #ends: RecordEnds;
  #header: Buffer | undefined;
  /** The bytes that are in no batch yet, from its start, and room after them. */
  #held = Buffer.alloc(0);
  #filled = 0;
  /** Where the batch and its last, unfinished record begin in what is held. */
  #batchStart = 0;
  #recordStart = 0;
  /** Bytes of the text before what is held. */
  #offset = 0;
  #batched = 0;
  #inBatch = 0;

  /** @param sizesAfter is asked once a CSV's header is known, and at first with 0 bytes */
  constructor(format: TextKind['format'], sizesAfter: (headerBytes: number) => BatchSizes) {
    this.#format = format;
    this.#sizesAfter = sizesAfter;
    this.#sizes = sizesAfter(0);
    this.#ends = firstRecordEnds(format);
    if (format === 'ndjson') this.#header = Buffer.alloc(0);
  }

  /** What every part begins with, its newline included; known with the first batch, or at the end. */
  get header(): Buffer {
    return this.#header ?? Buffer.alloc(0);
  }

  /**
   * Takes the bytes that come next, and keeps none of their memory.
   *
   * @returns the batches that they completed
   * @throws RecordTooLarge as soon as that is sure
   */
  push(chunk: Uint8Array): RecordBatch[] {
    this.#append(chunk);
    const held = this.#held.subarray(0, this.#filled);
    const batches: RecordBatch[] = [];
    for (;;) {
      const end = this.#ends.next(held, this.#recordStart);
      this.#assertFits(end ?? this.#filled);
      if (end === undefined) break;
      this.#takeRecord(held, end, batches);
    }
    this.#letGo();
    return batches;
  }

  /**
   * There are no more bytes: a last record needs no newline.
   *
   * @throws EmptyTable
   * @throws NotATable `unclosed_quote`
   */
  end(): RecordBatch[] {
    const held = this.#held.subarray(0, this.#filled);
    const batches: RecordBatch[] = [];
    if (this.#recordStart < held.length) {
      if (this.#ends.stopsInQuotes(held, this.#recordStart)) {
        throw new NotATable('unclosed_quote', { offset: this.#offset + this.#recordStart });
      }
      this.#takeRecord(held, held.length, batches);
    }
    if (this.#batchStart < held.length) this.#closeBatch(held, held.length, batches);
    const isEmpty = this.#format === 'csv' ? this.#header === undefined : this.#batched === 0;
    if (isEmpty) throw new EmptyTable();
    return batches;
  }

  #takeRecord(held: Buffer, end: number, batches: RecordBatch[]): void {
    const start = this.#recordStart;
    const isBlank = isBlankLine(held, start, end);
    this.#recordStart = end;
    if (this.#header === undefined) {
      if (!isBlank) this.#takeHeader(held.subarray(this.#batchStart, end), end);
      return;
    }
    const { batchBytes } = this.#sizes;
    if (start > this.#batchStart && end - this.#batchStart > batchBytes) {
      this.#closeBatch(held, start, batches);
    }
    if (!isBlank) this.#inBatch++;
    if (end - this.#batchStart >= batchBytes) this.#closeBatch(held, end, batches);
  }

  #takeHeader(bytes: Buffer, end: number): void {
    const newline = bytes.at(-1) === 0x0a ? '' : '\n';
    this.#header = Buffer.concat([bytes, Buffer.from(newline)]);
    this.#sizes = this.#sizesAfter(this.#header.length);
    this.#ends = recordEndsAfter(this.#header);
    this.#batchStart = end;
  }

  #closeBatch(held: Buffer, end: number, batches: RecordBatch[]): void {
    batches.push({
      bytes: held.subarray(this.#batchStart, end),
      records: this.#inBatch,
      firstRecord: this.#batched + 1,
      offset: this.#offset + this.#batchStart,
    });
    this.#batched += this.#inBatch;
    this.#inBatch = 0;
    this.#batchStart = end;
  }

  #assertFits(end: number): void {
    const limitBytes = this.#sizes.recordBytes;
    if (end - this.#recordStart <= limitBytes) return;
    throw new RecordTooLarge({
      offset: this.#offset + this.#recordStart,
      record: this.#header === undefined ? 0 : this.#batched + this.#inBatch + 1,
      limitBytes,
      of: 'decoded',
    });
  }

  #append(chunk: Uint8Array): void {
    const wanted = this.#filled + chunk.length;
    const { batchBytes } = this.#sizes;
    if (wanted > this.#held.length) {
      this.#moveTo(Math.max(wanted, this.#held.length * 2, batchBytes + chunk.length));
    }
    this.#held.set(chunk, this.#filled);
    this.#filled = wanted;
  }

  /** Batches that were closed keep the memory; what is left moves on. */
  #letGo(): void {
    if (this.#batchStart > 0) this.#moveTo(this.#filled - this.#batchStart);
  }

  #moveTo(room: number): void {
    const before = this.#batchStart;
    const moved = Buffer.allocUnsafeSlow(room);
    this.#held.copy(moved, 0, before, this.#filled);
    this.#held = moved;
    this.#filled -= before;
    this.#recordStart -= before;
    this.#offset += before;
    this.#batchStart = 0;
  }
}
