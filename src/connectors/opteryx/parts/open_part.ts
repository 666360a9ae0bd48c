import type { Deflated, DeflatedPiece } from './deflated_batches.ts';
import { GzipMember } from './gzip_member.ts';
import type { PartLimits } from './part_limits.ts';
import type { RecordBatch } from './record_batcher.ts';
import { RecordTooLarge } from './table_refusals.ts';

/** A small table of its own: some records of a larger one, after its header. */
export interface TablePart {
  /** Compressed with gzip. */
  readonly body: Uint8Array;
  readonly decodedBytes: number;
  /** Without the header of a CSV, and without blank lines. */
  readonly records: number;
  /**
   * Bytes of the source up to the end of this part. Of a compressed source, what was read so far, which is
   * somewhat more. The last part says the size of the source.
   */
  readonly sourceEnd: number;
}

/** Records with the bytes of the source up to their end. */
export interface SourceBatch extends RecordBatch {
  readonly sourceEnd: number;
}

/** What every part begins with; no bytes for a table without a header. */
export interface PartHeader {
  readonly bytes: Buffer;
  readonly piece: DeflatedPiece;
}

/** The part that is being made. */
export class OpenPart {
  readonly #limits: PartLimits;
  readonly #member = new GzipMember();
  #records = 0;
  #isEmpty = true;
  #sourceEnd = 0;

  /** @throws RecordTooLarge for the header */
  constructor(header: PartHeader, limits: PartLimits) {
    this.#limits = limits;
    this.#member.add(header.bytes, header.piece);
    this.#assertFits(0, 0);
  }

  /** Without the header. */
  get records(): number {
    return this.#records;
  }

  /** Whether there is room for one more batch. The first one is always let in. */
  takes({ batch, piece }: Deflated<SourceBatch>): boolean {
    const { aimBytes, wireBytes, decodedBytes } = this.#limits;
    if (this.#isEmpty) return true;
    if (this.#member.decodedBytes + batch.bytes.length > decodedBytes) return false;
    return this.#member.bodyBytes + piece.length <= Math.min(aimBytes, wireBytes);
  }

  /** @throws RecordTooLarge for a first batch that is too large: it is one record, since several always fit */
  add({ batch, piece }: Deflated<SourceBatch>): void {
    this.#member.add(batch.bytes, piece);
    this.#assertFits(batch.offset, batch.firstRecord);
    this.#records += batch.records;
    this.#sourceEnd = batch.sourceEnd;
    this.#isEmpty = false;
  }

  finished(sourceEnd = this.#sourceEnd): TablePart {
    const { decodedBytes } = this.#member;
    return { body: this.#member.body(), decodedBytes, records: this.#records, sourceEnd };
  }

  #assertFits(offset: number, record: number): void {
    const { wireBytes } = this.#limits;
    if (this.#member.bodyBytes <= wireBytes) return;
    throw new RecordTooLarge({ offset, record, limitBytes: wireBytes, of: 'wire' });
  }
}
