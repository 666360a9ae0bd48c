import { z } from 'zod';
import type { OutcomeCodec } from '../jobs/outcome_codec.ts';
import { ReplicaLost } from '../jobs/replica_lost.ts';
import type { JobReport, JobRequest, Outcome, Transfer } from '../jobs/transfer_job.ts';
import { Cancelled } from '../transfer/cancelled.ts';

/** What Redis holds is data: another version of this program may have written it. */
const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'not JSON' });
    return z.NEVER;
  }
});

const reportSchema = z.object({
  id: z.string(),
  kind: z.enum(['upload', 'download']),
  what: z.string(),
  state: z.enum(['running', 'completed', 'failed', 'cancelled']),
  message: z.string(),
  bytesDone: z.number(),
  bytesTotal: z.number().optional(),
  bytesPerSecond: z.number().optional(),
  etaSeconds: z.number().optional(),
  startedAt: z.number(),
  endedAt: z.number().optional(),
});

const hashSchema = z.object({
  replica: z.string(),
  report: json.pipe(reportSchema),
  outcome: json.optional(),
  heard: z.string().optional(),
  stopping: z.string().optional(),
  lost: z.string().optional(),
  ask: z.string().optional(),
});

/** A job as it was noted last. */
export interface JobSnapshot<Result> {
  /** Who runs it, or ran it. */
  readonly replica: string;
  readonly report: JobReport;
  readonly outcome: Outcome<Result> | undefined;
  readonly heard: boolean;
  readonly stopping: boolean;
  /** Whether something is asked of the replica that runs it. */
  readonly asked: boolean;
}

/** @returns undefined where there is no job, or none that this version can read */
export function readSnapshot<Result>(
  hash: Readonly<Record<string, string>>,
  codec: OutcomeCodec<Result>,
): JobSnapshot<Result> | undefined {
  const read = hashSchema.safeParse(hash);
  if (!read.success) return undefined;
  const { replica, report, outcome, heard, stopping, lost, ask } = read.data;
  return {
    replica,
    report: {
      ...report,
      bytesTotal: report.bytesTotal,
      bytesPerSecond: report.bytesPerSecond,
      etaSeconds: report.etaSeconds,
      endedAt: report.endedAt,
    },
    outcome:
      lost !== undefined
        ? { state: 'failed', error: new ReplicaLost() }
        : outcome === undefined
          ? undefined
          : codec.read(outcome),
    heard: heard !== undefined,
    stopping: stopping !== undefined,
    asked: ask !== undefined,
  };
}

/** The fields of a job that is about to run here. */
export function claimFields(
  id: string,
  { kind, what, bytesTotal }: Pick<JobRequest<unknown>, 'kind' | 'what' | 'bytesTotal'>,
  startedAt: number,
  replica: string,
): Readonly<Record<string, string>> {
  const report = { id, kind, what, message: what, bytesDone: 0, bytesTotal, startedAt };
  return { state: 'running', replica, report: JSON.stringify({ ...report, state: 'running' }) };
}

/** The fields of a job that runs here. */
export function runningFields(
  transfer: Transfer<unknown>,
  replica: string,
): Readonly<Record<string, string>> {
  return {
    state: 'running',
    replica,
    report: JSON.stringify({ ...transfer.report(), state: 'running' }),
    ...(transfer.goesOn ? {} : { stopping: '1' }),
  };
}

/** The fields of a job that has ended here. */
export function endedFields<Result>(
  transfer: Transfer<Result>,
  outcome: Outcome<Result>,
  replica: string,
  codec: OutcomeCodec<Result>,
): Readonly<Record<string, string>> {
  return {
    state: outcome.state,
    replica,
    report: JSON.stringify(transfer.report()),
    outcome: JSON.stringify(codec.write(outcome)),
    ...(transfer.heard ? { heard: '1' } : {}),
  };
}

/** The fields of a job whose replica is gone. */
export function lostFields(report: JobReport, now: number): Readonly<Record<string, string>> {
  const { bytesPerSecond: _, etaSeconds: __, ...rest } = report;
  const failed = { ...rest, state: 'failed', endedAt: now, message: 'The server is gone' };
  return { state: 'failed', report: JSON.stringify(failed) };
}

const askSchema = z.object({
  op: z.enum(['cancel', 'abandon']),
  message: z.string(),
  keepPartial: z.boolean(),
});

/** What one replica asks of the one that runs a job. */
export interface JobAsk {
  readonly op: 'cancel' | 'abandon';
  readonly reason: Cancelled;
}

export function writeAsk({ op, reason }: JobAsk): string {
  const { message, keepPartial } = reason;
  return JSON.stringify({ op, message, keepPartial } satisfies z.output<typeof askSchema>);
}

/** @returns undefined for what this version does not know */
export function readAsk(text: string): JobAsk | undefined {
  const ask = json.pipe(askSchema).safeParse(text);
  if (!ask.success) return undefined;
  const { op, message, keepPartial } = ask.data;
  return { op, reason: new Cancelled(message, { keepPartial }) };
}
