import type { ExpectedFile } from '../../../src/transfer/checksums/verify_download.ts';
import { type DownloadReceipt, downloadFile } from '../../../src/transfer/download.ts';
import type { DownloadSource } from '../../../src/transfer/downloads/download_source.ts';
import type { TransferEngine } from '../../../src/transfer/engine.ts';

/** Downloads from one URL, or from what the API answers, opened anew for each attempt. */
export function download(
  path: string,
  source: string | (() => DownloadSource),
  engine: TransferEngine,
  options: {
    readonly overwrite?: boolean;
    readonly expected?: ExpectedFile;
    readonly signal?: AbortSignal;
    readonly reasons?: string[];
    readonly sha256?: boolean;
    readonly onProgress?: (done: number, total: number | undefined) => void;
  } = {},
): Promise<DownloadReceipt> {
  return downloadFile(
    {
      async open(reason) {
        options.reasons?.push(reason);
        return typeof source === 'string' ? { kind: 'url', url: source } : source();
      },
      path,
      overwrite: options.overwrite ?? false,
      expected: options.expected ?? {},
      signal: options.signal ?? new AbortController().signal,
      sha256: options.sha256 ?? false,
      onProgress: (done, total) => options.onProgress?.(done, total),
    },
    engine,
  );
}
