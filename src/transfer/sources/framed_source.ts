import type { SourceRange, UploadSource } from './upload_source.ts';

/** What stands around the bytes of a source; it is left as it is while it is sent. */
export interface Frame {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** A source with bytes before and after it, as a form holds a file. To close it closes the source. */
export function framedSource(source: UploadSource, { before, after }: Frame): UploadSource {
  const innerEnd = before.length + source.size;
  const size = innerEnd + after.length;
  return {
    size,
    ...(source.isRemote && { isRemote: true }),
    async *chunks(signal, range = { start: 0, end: size }) {
      signal.throwIfAborted();
      yield* memoryChunk(before, range, 0);
      const inner = within(range, before.length, source.size);
      if (inner.start < inner.end) yield* source.chunks(signal, inner);
      yield* memoryChunk(after, range, innerEnd);
    },
    close: () => source.close(),
  };
}

/** Memory of its own, so it may be shorter than the chunks of a source are. */
function* memoryChunk(bytes: Uint8Array, range: SourceRange, at: number) {
  const { start, end } = within(range, at, bytes.length);
  if (start < end) yield bytes.subarray(start, end);
}

/** The range as seen by what begins at a place and is so long. */
function within({ start, end }: SourceRange, at: number, length: number): SourceRange {
  const bounded = (place: number) => Math.min(length, Math.max(0, place - at));
  return { start: bounded(start), end: bounded(end) };
}
