import { linkedAbort, untilAborted } from '../cancellable.ts';
import { combineCrc32c, crc32cBase64, crc32cFromBase64 } from '../checksums/crc32c.ts';
import type { UploadVerified } from '../checksums/verify_upload.ts';
import type { TransferEngine } from '../engine.ts';
import type { OpenReason } from '../failures/retry_policy.ts';
import { withRetries } from '../failures/retrying.ts';
import type { SourceRange, UploadSource } from '../sources/upload_source.ts';
import type { PutTarget } from './upload_target.ts';
import { putVerified, type StoredBytes } from './verified_put.ts';

/** One part of a file, as whoever signs for it must know it. */
export interface FilePart extends SourceRange {
  /** From 1, as S3 counts. */
  readonly number: number;
}

export interface PartsRequest {
  /** Opened and closed by the caller. */
  readonly source: UploadSource;
  /** Bytes of every part but the last; by default as {@link defaultPartBytes} has it. */
  readonly partBytes?: number;
  /** Called before every attempt at a part. What it throws ends the upload as it is. */
  sign(part: FilePart, reason: OpenReason, signal: AbortSignal): Promise<PutTarget>;
  readonly signal: AbortSignal;
  /** Bytes handed to the network, over all parts; never falls. Must not throw. */
  onProgress?(bytesDone: number): void;
}

/** A part that storage has. Its ETag is in `storage`, as storage wrote it: completing asks for it. */
export interface UploadedPart extends StoredBytes {
  readonly number: number;
  readonly attempts: number;
}

export interface PartsReceipt {
  readonly bytes: number;
  /** Of the whole file, put together from its parts: base64, as `x-goog-hash` writes it. */
  readonly crc32c: string;
  /** In order. */
  readonly parts: readonly UploadedPart[];
  /** What was verified of every part. */
  readonly verified: UploadVerified;
}

const MIB = 1024 * 1024;
const LEAST_PART_BYTES = 16 * MIB;
/** Storage takes 10,000; some are left for what a caller may add. */
const MOST_PARTS = 9000;
const PARTS_AT_ONCE = 4;
const WEAKEST_FIRST: readonly UploadVerified[] = ['none', 'size', 'md5', 'crc32c'];

/** 16 MiB, or as many more whole MiB as keep a file within 9000 parts. */
export function defaultPartBytes(fileBytes: number): number {
  return Math.max(LEAST_PART_BYTES, Math.ceil(fileBytes / MOST_PARTS / MIB) * MIB);
}

/** The parts of a file in order; an empty file has one, which is empty. */
export function* partsOf(
  fileBytes: number,
  partBytes: number,
): Generator<FilePart, void, undefined> {
  if (!(Number.isSafeInteger(partBytes) && partBytes > 0)) {
    throw new RangeError(`a part of ${partBytes} bytes`);
  }
  let number = 1;
  for (let start = 0; start < fileBytes || number === 1; start += partBytes) {
    yield { number, start, end: Math.min(start + partBytes, fileBytes) };
    number += 1;
  }
}

/**
 * Brings a file to storage in parts, each with a signature and retries of its own, four at a time. To
 * open, complete or abort the multipart upload is the caller's part.
 *
 * @throws the first failure, once all parts have come to rest: TransferError; the signal's reason; or
 * what `sign` threw
 */
export async function uploadParts(
  request: PartsRequest,
  engine: TransferEngine,
): Promise<PartsReceipt> {
  const { size } = request.source;
  const waiting = partsOf(size, request.partBytes ?? defaultPartBytes(size));
  const link = linkedAbort(request.signal);
  const report = progressOverParts((bytes) => request.onProgress?.(bytes));
  const done: UploadedPart[] = [];
  const work = async () => {
    for (const part of waiting) {
      const sent = (bytes: number) => report(part, bytes);
      done.push(await uploadPart(part, { ...request, signal: link.signal }, sent, engine));
    }
  };
  try {
    await allOrFirstFailure(Array.from({ length: PARTS_AT_ONCE }, work), link.abort);
  } finally {
    link.release();
  }
  return receiptOf(done.sort((one, other) => one.number - other.number));
}

async function uploadPart(
  part: FilePart,
  { source, sign, signal }: PartsRequest,
  onSent: (bytes: number) => void,
  engine: TransferEngine,
): Promise<UploadedPart> {
  const piece = { source, start: part.start, end: part.end };
  return withRetries(engine, signal, async ({ number: attempts, reason }) => {
    const target = await untilAborted(sign(part, reason, signal), signal);
    const stored = await putVerified(target, { piece, signal, onSent }, engine);
    return { ...stored, number: part.number, attempts };
  });
}

/** Settles only when all have; the first failure is told to the others at once. */
async function allOrFirstFailure(
  works: readonly Promise<void>[],
  abort: (reason: unknown) => void,
): Promise<void> {
  let failure: { readonly reason: unknown } | undefined;
  const settled = works.map((work) =>
    work.catch((reason: unknown) => {
      failure ??= { reason };
      abort(reason);
    }),
  );
  await Promise.all(settled);
  if (failure !== undefined) {
    throw failure.reason;
  }
}

/** The sum of the most that was sent of each part. */
function progressOverParts(
  onProgress: (bytes: number) => void,
): (part: FilePart, sent: number) => void {
  const most = new Map<number, number>();
  let sum = 0;
  return ({ number }, sent) => {
    const before = most.get(number) ?? 0;
    if (sent > before) {
      most.set(number, sent);
      sum += sent - before;
      onProgress(sum);
    }
  };
}

function receiptOf(parts: readonly UploadedPart[]): PartsReceipt {
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const crc = parts.reduce(
    (sum, part) => combineCrc32c(sum, crc32cFromBase64(part.crc32c), part.bytes),
    0,
  );
  const verified = WEAKEST_FIRST.find((kind) => parts.some((part) => part.verified === kind));
  return { bytes, crc32c: crc32cBase64(crc), parts, verified: verified ?? 'none' };
}
