import { untilAborted } from '../../../transfer/cancellable.ts';
import type { UploadSource } from '../../../transfer/sources/upload_source.ts';
import { decodedChunks } from './decoded_chunks.ts';
import { deflatedInOrder, deflatePiece } from './deflated_batches.ts';
import { OpenPart, type PartHeader, type SourceBatch, type TablePart } from './open_part.ts';
import { PartCount } from './part_count.ts';
import { batchBytes, defaultLimits, type PartLimits } from './part_limits.ts';
import { type RecordBatch, RecordBatcher } from './record_batcher.ts';
import type { TextKind } from './table_kind.ts';

/**
 * Cuts a text table into parts at the ends of records, as they are asked for. Of the text, about one part is
 * in memory, compressed, and a few MiB of records. All parts together hold the records of the source byte
 * for byte, in order; of a table without records, one part holds the header. Parts of blank lines alone
 * are left out.
 *
 * @param limits what is other than `defaultLimits`
 * @throws EmptyTable
 * @throws NotATable `damaged_codec`, `unclosed_quote`
 * @throws RecordTooLarge
 * @throws TooManyParts as soon as that is sure
 * @throws what the source throws, or the reason of the signal
 */
export async function* cutTable(
  source: UploadSource,
  kind: TextKind,
  limits: Partial<PartLimits>,
  signal: AbortSignal,
): AsyncGenerator<TablePart, void, undefined> {
  const all = { ...defaultLimits(source.size, kind.codec), ...limits };
  const batcher = new RecordBatcher(kind.format, (headerBytes) => ({
    batchBytes: batchBytes(all, headerBytes),
    recordBytes: all.decodedBytes - headerBytes,
  }));
  const count = new PartCount(kind.codec === undefined ? source.size : undefined, all);
  count.assertEnough(0, 0);
  let header: PartHeader | undefined;
  let open: OpenPart | undefined;
  for await (const deflated of deflatedInOrder(batchesOf(source, kind, batcher, signal), signal)) {
    header ??= await headerOf(batcher, signal);
    open ??= new OpenPart(header, all);
    if (!open.takes(deflated)) {
      const part = open.finished();
      const isPart = part.records > 0;
      if (isPart) count.add();
      if (deflated.batch.records > 0) count.assertEnough(part.sourceEnd, header.bytes.length);
      if (isPart) yield part;
      open = new OpenPart(header, all);
    }
    open.add(deflated);
  }
  open ??= new OpenPart(header ?? (await headerOf(batcher, signal)), all);
  if (open.records > 0 || count.parts === 0) yield open.finished(source.size);
}

async function* batchesOf(
  source: UploadSource,
  kind: TextKind,
  batcher: RecordBatcher,
  signal: AbortSignal,
): AsyncGenerator<SourceBatch, void, undefined> {
  const located = (batch: RecordBatch, sourceRead: number): SourceBatch => ({
    ...batch,
    sourceEnd: kind.codec === undefined ? batch.offset + batch.bytes.length : sourceRead,
  });
  for await (const { bytes, sourceRead } of decodedChunks(source, kind.codec, signal)) {
    for (const batch of batcher.push(bytes)) yield located(batch, sourceRead);
  }
  for (const batch of batcher.end()) yield located(batch, source.size);
}

async function headerOf({ header }: RecordBatcher, signal: AbortSignal): Promise<PartHeader> {
  return { bytes: header, piece: await untilAborted(deflatePiece(header), signal) };
}
