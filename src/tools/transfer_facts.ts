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
    .describe('How long to wait for the end. The transfer goes on after that; 0 answers at once.');

/** How far a transfer is. */
export const progressFields = () => ({
  bytes_done: z.number().optional(),
  bytes_total: z.number().optional(),
  rate_bytes_per_second: z.number().optional().describe('Average of the last seconds.'),
  eta_seconds: z.number().optional().describe('Estimate of the time that is left.'),
  message: z.string().optional().describe('How far it is, in words.'),
});

/** What a tool answers that starts a transfer: its outcome, or how far it is. */
export function transferOutput(outcome: AnyZodObject): AnyZodObject {
  return z
    .object({
      status: z
        .enum(['running', 'completed'])
        .describe('running: follow it with transfer_status. completed: this is the outcome.'),
      transfer_id: z.string().describe('For transfer_status and transfer_cancel.'),
      ...progressFields(),
      next: z.string().optional(),
      earlier_call: z.string().optional().describe('Set if an earlier call had this outcome.'),
    })
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
