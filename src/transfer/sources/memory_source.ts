import {
  CHUNK_BYTES,
  EARLY_ANSWER_FROM_BYTES,
  FIRST_CHUNK_BYTES,
  type UploadSource,
} from './upload_source.ts';

/** Bytes in memory, to be sent like a file. Whoever gives them leaves them as they are. */
export function memorySource(bytes: Uint8Array): UploadSource {
  return {
    size: bytes.length,
    async *chunks(signal, { start, end } = { start: 0, end: bytes.length }) {
      let next = firstChunkBytes(end - start);
      for (let at = start; at < end; next = CHUNK_BYTES) {
        signal.throwIfAborted();
        const chunk = bytes.subarray(at, Math.min(at + next, end));
        at += chunk.length;
        yield chunk;
      }
    },
    close: async () => {},
  };
}

/** A small piece first where an early refusal is waited for. */
function firstChunkBytes(bytes: number): number {
  return bytes >= EARLY_ANSWER_FROM_BYTES ? FIRST_CHUNK_BYTES : CHUNK_BYTES;
}
