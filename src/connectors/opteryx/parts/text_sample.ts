import type { UploadSource } from '../../../transfer/sources/upload_source.ts';
import { decodedChunks } from './decoded_chunks.ts';
import { type RecordBatch, RecordBatcher } from './record_batcher.ts';
import type { TextKind } from './table_kind.ts';

const MIB = 1024 * 1024;
const SAMPLE_BYTES = 4 * MIB;
/** A first record that is longer than a sample makes it longer, up to here. */
const MOST_RECORD_BYTES = 28 * MIB;

/**
 * The beginning of a text table, decoded: its header and as many whole records as fit, but one at least if
 * there is one. A small table goes whole.
 *
 * @param sampleBytes how many bytes of text it may have
 * @throws EmptyTable
 * @throws NotATable `damaged_codec`, `unclosed_quote`
 * @throws RecordTooLarge for a first record of more than 28 MiB
 */
export async function textSample(
  source: UploadSource,
  kind: TextKind,
  signal: AbortSignal,
  sampleBytes = SAMPLE_BYTES,
): Promise<Uint8Array> {
  const batcher = new RecordBatcher(kind.format, (headerBytes) => ({
    batchBytes: Math.max(0, sampleBytes - headerBytes),
    recordBytes: MOST_RECORD_BYTES,
  }));
  const taken: Uint8Array[] = [];
  for await (const { bytes, records } of firstBatches(source, kind, batcher, signal)) {
    taken.push(bytes);
    // Before it there can be blank lines, of which nothing can be told.
    if (records > 0) break;
  }
  return Buffer.concat([batcher.header, ...taken]);
}

async function* firstBatches(
  source: UploadSource,
  kind: TextKind,
  batcher: RecordBatcher,
  signal: AbortSignal,
): AsyncGenerator<RecordBatch, void, undefined> {
  for await (const { bytes } of decodedChunks(source, kind.codec, signal))
    yield* batcher.push(bytes);
  yield* batcher.end();
}
