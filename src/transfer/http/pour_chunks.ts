import type { ByteSink } from './get_answer.ts';

/** Copies chunks that came from elsewhere into a sink, as it has room for them. */
export async function pourChunks(
  chunks: AsyncIterable<Uint8Array>,
  sink: ByteSink,
): Promise<'whole' | 'enough'> {
  for await (const chunk of chunks) {
    for (let copied = 0; copied < chunk.byteLength; ) {
      const room = sink.room();
      if (room === undefined) return 'enough';
      const piece = chunk.subarray(copied, copied + room.byteLength);
      room.set(piece);
      copied += piece.byteLength;
      await sink.took(piece.byteLength);
    }
  }
  return 'whole';
}
