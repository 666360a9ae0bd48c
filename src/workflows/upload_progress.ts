import { uploads } from '../operations/uploads.ts';
import type { WorkflowContext } from './context.ts';

const REPORT_EVERY_MS = 5_000;

export interface UploadProgressReporter {
  /** Takes the bytes that the session has sent so far. */
  at(bytes: number): void;
  /** Tells the API the final figure; resolves also when that fails. */
  finish(): Promise<void>;
  /** Breaks off a report that is under way: nothing is told of a session that has failed. */
  stop(): void;
}

/** Tells the API at times how far a session is. */
export function reportUploadProgress(
  uploadId: string,
  acting: AbortSignal,
  { geopera, engine, log }: WorkflowContext,
): UploadProgressReporter {
  const stopped = new AbortController();
  const signal = AbortSignal.any([acting, stopped.signal]);
  let sent = 0;
  let lastReport = engine.clock.now();
  let underWay: Promise<void> | undefined;

  /** For information alone: it neither waits for a better time nor fails the session. */
  async function report(status: string): Promise<void> {
    const input = { upload_id: uploadId, status, bytes_uploaded: sent };
    try {
      await geopera.call(uploads.progress, input, signal, { patienceMs: 0 });
    } catch (failure) {
      log.warn({ uploadId, failure: String(failure) }, 'progress not reported');
    }
  }

  return {
    at(bytes) {
      sent = bytes;
      const now = engine.clock.now();
      if (underWay !== undefined || now - lastReport < REPORT_EVERY_MS) return;
      lastReport = now;
      underWay = report('uploading').then(() => {
        underWay = undefined;
      });
    },
    async finish() {
      await underWay;
      await report('uploaded');
    },
    stop: () => stopped.abort(),
  };
}
