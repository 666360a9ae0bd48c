import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { interruptible } from '../../../transfer/cancellable.ts';
import { CHUNK_BYTES, type UploadSource } from '../../../transfer/sources/upload_source.ts';
import type { TableCodec } from './table_kind.ts';
import { NotATable } from './table_refusals.ts';

const DECODERS = {
  gzip: () => createGunzip({ chunkSize: CHUNK_BYTES }),
  br: () => createBrotliDecompress({ chunkSize: CHUNK_BYTES }),
} satisfies Record<TableCodec, unknown>;

/** Bytes of a text; their memory is used again for the next ones. */
export interface DecodedChunk {
  readonly bytes: Uint8Array;
  /** Bytes of the source that were read for it and all before it. */
  readonly sourceRead: number;
}

/**
 * The text of a source from its beginning, decoded where it is compressed.
 *
 * @throws NotATable `damaged_codec`
 * @throws what the source throws, or the reason of the signal
 */
export function decodedChunks(
  source: UploadSource,
  codec: TableCodec | undefined,
  signal: AbortSignal,
): AsyncGenerator<DecodedChunk, void, undefined> {
  return codec === undefined ? plain(source, signal) : decoded(source, codec, signal);
}

async function* plain(
  source: UploadSource,
  signal: AbortSignal,
): AsyncGenerator<DecodedChunk, void, undefined> {
  let sourceRead = 0;
  for await (const bytes of interruptible(source.chunks(signal), signal)) {
    sourceRead += bytes.length;
    yield { bytes, sourceRead };
  }
}

async function* decoded(
  source: UploadSource,
  codec: TableCodec,
  signal: AbortSignal,
): AsyncGenerator<DecodedChunk, void, undefined> {
  let sourceRead = 0;
  async function* encoded(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const bytes of interruptible(source.chunks(signal), signal)) {
      sourceRead += bytes.length;
      // The decoder reads on while the source fills the same memory again.
      yield Uint8Array.from(bytes);
    }
  }
  const decoder = DECODERS[codec]();
  const fed = pipeline(Readable.from(encoded(), { highWaterMark: 1 }), decoder, { signal });
  // What goes wrong there ends the decoder, and is thrown by it.
  fed.catch(() => {});
  try {
    for await (const bytes of decoder) yield { bytes, sourceRead };
  } catch (error) {
    signal.throwIfAborted();
    throw isDamage(error) ? new NotATable('damaged_codec', { cause: error }) : error;
  } finally {
    // Not awaited, as in interruptible(): a source that hangs would hang its reader's clean-up too.
    decoder.destroy();
  }
}

/** How zlib and Brotli say that their input is not what it should be. */
const isDamage = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(Z_|ERR__ERROR_)/.test(String(error.code));
