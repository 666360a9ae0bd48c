import { constants } from 'node:fs';
import { access, lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Cancelled } from './cancelled.ts';
import {
  digestsNeeded,
  type ExpectedFile,
  type Verification,
  verifyReceived,
} from './checksums/verify_download.ts';
import { wholeFileDigests } from './checksums/whole_file_digests.ts';
import type { DownloadSource } from './downloads/download_source.ts';
import { type FetchContext, fetchObject } from './downloads/fetch_object.ts';
import { PartialDownload, type ResumeBy } from './downloads/partial_download.ts';
import { ObjectReplaced } from './downloads/range_answer.ts';
import { SourceOpener } from './downloads/source_opener.ts';
import type { TransferEngine } from './engine.ts';
import { errnoOf, targetProblem } from './failures/disk_problem.ts';
import type { OpenReason } from './failures/retry_policy.ts';
import { TransferError, type TransferErrorCode } from './failures/transfer_error.ts';

export type { DownloadSource } from './downloads/download_source.ts';
export type { ResumeBy } from './downloads/partial_download.ts';

export interface DownloadRequest {
  /**
   * Called for the first request, and again for a URL that ran out or failed; never twice at a time.
   * What it throws ends the download as it is.
   */
  open(reason: OpenReason, signal: AbortSignal): Promise<DownloadSource>;
  /** Absolute; its folder exists. */
  readonly path: string;
  readonly overwrite: boolean;
  readonly expected?: ExpectedFile;
  readonly signal: AbortSignal;
  /** Bytes that are there; never falls, not even when an attempt starts over. Must not throw. */
  onProgress?(bytesDone: number, bytesTotal: number | undefined): void;
  /** Also compute SHA-256, by reading the file once more. */
  readonly sha256?: boolean;
  /** Keeps what came when a download breaks off, and goes on from there; without it, nothing is kept. */
  readonly resume?: ResumeBy | undefined;
}

export interface DownloadReceipt extends Verification {
  readonly path: string;
  readonly bytes: number;
  /** Base64, as `x-goog-hash` writes it. */
  readonly crc32c: string;
  /** Lower-case hex, if it was asked for or expected. */
  readonly sha256?: string;
  /** `type/subtype`, as the answer stated it. */
  readonly mediaType?: string;
  /** Of the bytes, those that an earlier download had left. */
  readonly resumedBytes?: number;
  /** One, and one more for each time that something failed and was tried again. */
  readonly attempts: number;
}

/** After these what came is of no use: it is whole already, or wrong, or cannot be put anywhere. */
const NOT_WORTH_KEEPING: ReadonlySet<TransferErrorCode> = new Set([
  'checksum_mismatch',
  'length_mismatch',
  'object_changed',
  'unexpected_encoding',
  'target_exists',
]);

/**
 * Brings one file to disk. It appears at its path whole and verified, or not at all: until then its
 * bytes are in a hidden `.part` file beside it.
 *
 * A download that breaks off leaves its bytes for the next one if it was given {@link ResumeBy} and
 * storage states which version they are of; the error then says `resumable`. One that is cancelled
 * leaves them only if the signal's reason is a {@link Cancelled} with `keepPartial`.
 *
 * @throws TransferError; or the signal's reason; or what `open` threw
 */
export async function downloadFile(
  request: DownloadRequest,
  engine: TransferEngine,
): Promise<DownloadReceipt> {
  request.signal.throwIfAborted();
  await refuseTaken(request.path, request.overwrite);
  const partial = await PartialDownload.open(request.path, request.resume, engine.clock.now());
  try {
    const receipt = await new Download(request, partial, engine).run();
    await partial.publish(request.overwrite);
    return receipt;
  } catch (error) {
    await leaveOrDiscard(partial, error);
    throw error;
  }
}

/** One download, from its first request to verified bytes in the partial file. */
class Download {
  readonly #request: DownloadRequest;
  readonly #partial: PartialDownload;
  readonly #context: FetchContext;
  readonly #resumedBytes: number;
  #failures = 0;

  constructor(request: DownloadRequest, partial: PartialDownload, engine: TransferEngine) {
    this.#request = request;
    this.#partial = partial;
    this.#resumedBytes = bytesOf(partial);
    const { signal } = request;
    this.#context = {
      engine,
      partial,
      signal,
      opener: new SourceOpener((...args) => request.open(...args), engine, signal),
      target: request.path,
      expectedBytes: request.expected?.bytes,
      report: highWaterMark(request),
      onAttemptFailed: () => {
        this.#failures += 1;
      },
    };
  }

  /** Pieces of two versions are never mixed, and bytes that prove wrong never kept: both begin anew, once. */
  async run(): Promise<DownloadReceipt> {
    try {
      return await this.#fetchAndVerify(this.#resumedBytes);
    } catch (error) {
      if (!beginsAnew(error)) throw error;
      this.#request.signal.throwIfAborted();
      this.#failures += 1;
      this.#partial.startOver();
    }
    try {
      return await this.#fetchAndVerify(0);
    } catch (error) {
      throw error instanceof ObjectReplaced ? changedTwice(error) : counted(error, this.#failures);
    }
  }

  async #fetchAndVerify(resumedBytes: number): Promise<DownloadReceipt> {
    const { expected: asked = {}, sha256 = false, signal, path } = this.#request;
    const answer = await fetchObject(this.#context);
    // A catalogue knows the stored, packed object: it says nothing about unpacked bytes.
    const expected = answer.transcoded ? {} : asked;
    const bytes = bytesOf(this.#partial);
    const needed = digestsNeeded(answer.stated, expected);
    const digests = await wholeFileDigests(
      this.#partial.part,
      this.#partial.segments,
      bytes,
      { ...needed, sha256: needed.sha256 || sha256 },
      signal,
    );
    const statedBytes = answer.kind === 'part' ? answer.version.total : answer.bytes;
    const stated = { ...answer.stated, bytes: statedBytes };
    return {
      path,
      bytes,
      crc32c: digests.crc32c,
      ...(digests.sha256 !== undefined && { sha256: digests.sha256 }),
      ...(answer.mediaType !== undefined && { mediaType: answer.mediaType }),
      ...(resumedBytes > 0 && { resumedBytes }),
      ...verifyReceived({ bytes, digests, stated }, expected),
      attempts: 1 + this.#failures,
    };
  }
}

function bytesOf({ segments }: PartialDownload): number {
  return segments.reduce((sum, { start, end }) => sum + end - start, 0);
}

function beginsAnew(error: unknown): boolean {
  return (
    error instanceof ObjectReplaced ||
    (error instanceof TransferError && error.outcome === 'mismatch')
  );
}

function changedTwice(error: ObjectReplaced): TransferError {
  return new TransferError({ code: 'object_changed', message: `${error.message}.`, cause: error });
}

function counted(error: unknown, failures: number): unknown {
  if (error instanceof TransferError) error.attempts = failures + 1;
  return error;
}

/** Leaves the partial file where it is worth it. Never throws: the first error is the one that counts. */
async function leaveOrDiscard(partial: PartialDownload, error: unknown): Promise<void> {
  if (!isWorthKeeping(error)) {
    await partial.discard();
    return;
  }
  const left = await partial.leave().catch(() => false);
  if (error instanceof TransferError) error.resumable = left;
  if (error instanceof Cancelled) error.partialKept = left;
}

function isWorthKeeping(error: unknown): boolean {
  if (error instanceof TransferError) return !NOT_WORTH_KEEPING.has(error.code);
  if (error instanceof Cancelled) return error.keepPartial;
  return error instanceof Error && error.name !== 'AbortError';
}

/** Looks before a byte is moved; publishing looks again. */
async function refuseTaken(path: string, overwrite: boolean): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw targetProblem(error);
  });
  if (found?.isDirectory() === true) {
    throw new TransferError({ code: 'target_unwritable', message: 'the target is a folder.' });
  }
  if (found !== undefined && !overwrite) {
    throw new TransferError({ code: 'target_exists', message: 'the target file exists.' });
  }
  await access(dirname(path), constants.W_OK).catch((error: unknown) => {
    throw targetProblem(error);
  });
}

function highWaterMark(request: DownloadRequest): (done: number, total?: number) => void {
  let highest = 0;
  return (done, total) => {
    if (done > highest) {
      highest = done;
      request.onProgress?.(done, total);
    }
  };
}
