import type { TransferEngine } from '../../../src/transfer/engine.ts';
import { openSourceFile, type SourceFile } from '../../../src/transfer/files/source_file.ts';
import { type UploadReceipt, uploadFile } from '../../../src/transfer/upload.ts';

/** What an upload was told and what it told. */
export interface UploadRun {
  readonly reasons: string[];
  readonly progress: number[];
}

/** Uploads a file to one URL, signed anew for each attempt, and closes it. */
export async function upload(
  path: string,
  url: string | ((n: number) => string),
  engine: TransferEngine,
  options: {
    readonly signal?: AbortSignal;
    readonly headers?: Readonly<Record<string, string>>;
    readonly onProgress?: (bytes: number) => void;
    readonly run?: UploadRun;
  } = {},
): Promise<UploadReceipt> {
  const source: SourceFile = await openSourceFile(path);
  const run = options.run ?? { reasons: [], progress: [] };
  try {
    return await uploadFile(
      {
        source,
        async sign(reason) {
          run.reasons.push(reason);
          return {
            kind: 'put' as const,
            url: typeof url === 'string' ? url : url(run.reasons.length),
            headers: options.headers ?? {},
          };
        },
        signal: options.signal ?? new AbortController().signal,
        onProgress(bytes) {
          run.progress.push(bytes);
          options.onProgress?.(bytes);
        },
      },
      engine,
    );
  } finally {
    await source.close();
  }
}

export const newRun = (): UploadRun => ({ reasons: [], progress: [] });
