import { interruptible } from '../../../transfer/cancellable.ts';
import type { SourceRange, UploadSource } from '../../../transfer/sources/upload_source.ts';

/** Some bytes of a source, in memory of their own. */
export async function readRange(
  source: UploadSource,
  range: SourceRange,
  signal: AbortSignal,
): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(range.end - range.start);
  let filled = 0;
  for await (const chunk of interruptible(source.chunks(signal, range), signal)) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return bytes;
}
