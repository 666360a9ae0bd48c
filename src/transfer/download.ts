import { lstat } from 'node:fs/promises';
import { errnoOf, targetProblem } from './disk_problem.ts';
import { type ReceivedFile, receive } from './download_attempt.ts';
import type { DownloadSource } from './download_source.ts';
import type { TransferEngine } from './engine.ts';
import { PartFile } from './part_file.ts';
import type { OpenReason } from './retry_policy.ts';
import { withRetries } from './retrying.ts';
import { TransferError } from './transfer_error.ts';
import type { ExpectedFile } from './verify_download.ts';

export type { DownloadSource } from './download_source.ts';

export interface DownloadRequest {
  /** Called before every attempt. What it throws ends the download as it is. */
  open(reason: OpenReason, signal: AbortSignal): Promise<DownloadSource>;
  /** Absolute; its folder exists. */
  readonly path: string;
  readonly overwrite: boolean;
  readonly expected?: ExpectedFile;
  readonly signal: AbortSignal;
  /** Bytes received; never falls, not even when an attempt starts over. Must not throw. */
  onProgress?(bytesDone: number, bytesTotal: number | undefined): void;
  /** Also compute SHA-256, at some cost. */
  readonly sha256?: boolean;
}

export interface DownloadReceipt extends ReceivedFile {
  readonly path: string;
  readonly attempts: number;
}

/**
 * Brings one file to disk. It appears at its path whole and verified, or not at all: until then its
 * bytes are in a hidden `.part` file beside it, which is removed on failure.
 *
 * @throws TransferError; or the signal's reason; or what `open` threw
 */
export async function downloadFile(
  request: DownloadRequest,
  engine: TransferEngine,
): Promise<DownloadReceipt> {
  request.signal.throwIfAborted();
  await refuseTaken(request.path, request.overwrite);
  const part = await PartFile.create(request.path);
  const report = highWaterMark(request);
  try {
    const received = await withRetries(engine, request.signal, async ({ number, reason }) => ({
      ...(await receive(request, reason, part, engine, report)),
      attempts: number,
    }));
    await part.publish(request.overwrite);
    return { path: request.path, ...received };
  } catch (error) {
    await part.discard();
    throw error;
  }
}

/** Looks before a byte is moved; publishing looks again. */
async function refuseTaken(path: string, overwrite: boolean): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') {
      return undefined;
    }
    throw targetProblem(error);
  });
  if (found?.isDirectory() === true) {
    throw new TransferError({ code: 'target_unwritable', message: 'the target is a folder.' });
  }
  if (found !== undefined && !overwrite) {
    throw new TransferError({ code: 'target_exists', message: 'the target file exists.' });
  }
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
