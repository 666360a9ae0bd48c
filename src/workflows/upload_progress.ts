import { plainText } from '../geopera/plain_text.ts';
import { uploads } from '../operations/uploads.ts';
import type { Act } from '../transfer/act.ts';
import type { WorkflowContext } from './context.ts';

const REPORT_EVERY_MS = 5_000;

export interface UploadProgressReporter {
  /** Takes the bytes that one file has sent so far. */
  fileAt(index: number, bytes: number): void;
  /** Tells the API the final figure; resolves also when that fails. */
  finish(): Promise<void>;
  /** Breaks off a report that is under way: nothing is told of a session that has failed. */
  stop(): void;
}

/** Sums the files of a session and passes the sum on: to the caller at once, to the API at times. */
export function reportUploadProgress(
  session: {
    readonly uploadId: string;
    readonly totalBytes: number;
    readonly files: readonly { readonly fileName: string }[];
  },
  act: Act,
  { geopera, engine, log }: WorkflowContext,
): UploadProgressReporter {
  const sent = new Array<number>(session.files.length).fill(0);
  const stopped = new AbortController();
  const signal = AbortSignal.any([act.signal, stopped.signal]);
  let lastReport = engine.clock.now();
  let underWay: Promise<void> | undefined;

  const [first, ...more] = session.files;
  const what =
    first === undefined || more.length > 0
      ? `${session.files.length} files`
      : plainText(first.fileName, 80);

  const sum = () => sent.reduce((total, bytes) => total + bytes, 0);

  /** For information alone: it neither waits for a better time nor fails the session. */
  async function report(status: string): Promise<void> {
    const input = { upload_id: session.uploadId, status, bytes_uploaded: sum() };
    try {
      await geopera.call(uploads.progress, input, signal, { patienceMs: 0 });
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
        message: `Uploading ${what}`,
      });
      const now = engine.clock.now();
      if (underWay !== undefined || now - lastReport < REPORT_EVERY_MS) return;
      lastReport = now;
      underWay = report('uploading').then(() => {
        underWay = undefined;
      });
    },
    async finish() {
      act.onProgress({
        done: sum(),
        total: session.totalBytes,
        message: `Completing the upload of ${what}`,
      });
      await underWay;
      await report('uploaded');
    },
    stop: () => stopped.abort(),
  };
}
