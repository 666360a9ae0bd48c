import { type AnyZodObject, z } from 'zod';
import type { JobReport } from '../jobs/transfer_job.ts';
import { progressWords } from './progress_words.ts';

/** The longest that a call waits; hosts give up earlier. */
const MAX_WAIT_SECONDS = 600;
/** Below the 60 seconds after which most clients give up a call. */
const DEFAULT_WAIT_SECONDS = 45;

/** For every tool that starts a transfer, or waits for one. */
export const waitSeconds = () =>
  z
    .number()
    .min(0)
    .max(MAX_WAIT_SECONDS)
    .default(DEFAULT_WAIT_SECONDS)
    .describe('How long to wait for the end; it goes on after that.');

/**
 * What a tool answers that starts a transfer: its outcome, or how far it is. Every member here is paid for by
 * whoever lists the tools, so this names what programs read; answers hold more.
 *
 * @param outcome what programs read of the outcome
 */
export function transferOutput(outcome: AnyZodObject): AnyZodObject {
  return z
    .object({ status: z.enum(['running', 'completed']), transfer_id: z.string() })
    .merge(outcome.partial());
}

/** A transfer that goes on, as a model reads it. */
export function runningFacts(report: JobReport): Readonly<Record<string, unknown>> {
  return {
    status: report.state,
    transfer_id: report.id,
    ...progressFacts(report),
    next: `transfer_status with transfer_id ${report.id} and wait_seconds waits for the end; transfer_cancel stops it. Do not start it again.`,
  };
}

export function progressFacts(report: JobReport): Readonly<Record<string, unknown>> {
  const { bytesDone, bytesTotal, bytesPerSecond, etaSeconds } = report;
  return {
    bytes_done: bytesDone,
    ...(bytesTotal === undefined ? {} : { bytes_total: bytesTotal }),
    ...(bytesPerSecond === undefined ? {} : { rate_bytes_per_second: Math.round(bytesPerSecond) }),
    ...(etaSeconds === undefined ? {} : { eta_seconds: Math.ceil(etaSeconds) }),
    message: progressWords(report),
  };
}
