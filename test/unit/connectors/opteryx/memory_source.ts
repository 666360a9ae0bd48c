import type { UploadSource } from '../../../../src/transfer/sources/upload_source.ts';

/** A source in memory, and how it was read. */
export interface MemorySource extends UploadSource {
  /** Bytes that were given so far, over all passes. */
  readonly read: number;
  /** Passes that are not over yet. */
  readonly open: number;
}

/**
 * Gives some bytes in chunks of these lengths, over and over, always in the same memory, which it spoils in
 * between: what was kept of a chunk is seen.
 */
export function memorySource(
  bytes: Uint8Array,
  lengths: readonly number[] = [65536],
): MemorySource {
  let read = 0;
  let open = 0;
  return {
    size: bytes.length,
    get read() {
      return read;
    },
    get open() {
      return open;
    },
    async *chunks(signal, { start, end } = { start: 0, end: bytes.length }) {
      const memory = Buffer.alloc(Math.max(...lengths));
      open++;
      try {
        for (let at = start, turn = 0; at < end; turn++) {
          signal.throwIfAborted();
          const chunk = bytes.subarray(
            at,
            Math.min(at + (lengths[turn % lengths.length] ?? 1), end),
          );
          memory.set(chunk);
          at += chunk.length;
          read += chunk.length;
          yield memory.subarray(0, chunk.length);
          memory.fill('"\n');
        }
      } finally {
        open--;
      }
    },
    close: async () => {},
  };
}
