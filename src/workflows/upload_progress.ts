import { uploads } from '../operations/uploads.ts';
import type { Act, WorkflowContext } from './context.ts';

const REPORT_EVERY_MS = 5_000;
/** A report is for information: it may not hold up the session for longer than this. */
const REPORT_TIMEOUT_MS = 10_000;

export interface UploadProgressReporter {
  /** Takes the bytes that one file has sent so far. */
  fileAt(index: number, bytes: number): void;
  /** Tells the API the final figure; resolves also when that fails. */
  finish(): Promise<void>;
}

/** Sums the files of a session and passes the sum on: to the caller at once, to the API at times. */
export function reportUploadProgress(
  session: { readonly uploadId: string; readonly totalBytes: number; readonly files: number },
  act: Act,
  { geopera, engine, log }: WorkflowContext,
): UploadProgressReporter {
  const sent = new Array<number>(session.files).fill(0);
  let lastReport = engine.clock.now();
  let reporting: Promise<void> = Promise.resolve();

  const sum = () => sent.reduce((total, bytes) => total + bytes, 0);

  async function report(status: string): Promise<void> {
    const signal = AbortSignal.any([act.signal, AbortSignal.timeout(REPORT_TIMEOUT_MS)]);
    try {
      await geopera.call(
        uploads.progress,
        { upload_id: session.uploadId, status, bytes_uploaded: sum() },
        signal,
      );
    } catch (failure) {
      log.warn({ uploadId: session.uploadId, failure: String(failure) }, 'progress not reported');
    }
  }

  return {
    fileAt(index, bytes) {
      sent[index] = bytes;
      act.onProgress({
        done: sum(),
        total: session.totalBytes,
        message: `Uploading ${session.files === 1 ? 'the file' : `${session.files} files`}`,
      });
      const now = engine.clock.now();
      if (now - lastReport < REPORT_EVERY_MS) return;
      lastReport = now;
      reporting = reporting.then(() => report('uploading'));
    },
    async finish() {
      await reporting;
      await report('uploaded');
    },
  };
}
