import { z } from 'zod';
import type { JobReport } from '../jobs/transfer_job.ts';
import { hints } from './effect_hints.ts';
import { findTransfer, followTransfer } from './follow_transfer.ts';
import { heardAnswer } from './run_transfer.ts';
import { DEFAULT_TOOLSET } from './selection/tool_selection.ts';
import { defineTool } from './tool.ts';
import { progressFacts, runningFacts, waitSeconds } from './transfer_facts.ts';

export const transferStatus = defineTool({
  name: 'transfer_status',
  title: 'Follow a transfer',
  description:
    'Wait for an upload or a download that goes on after its call was answered, and get its outcome. With a transfer_id: its whole answer or error once it is there, else how far it is after wait_seconds. Without one: the transfers of the last hour. Cancelling this call does not stop the transfer.',
  // It asks this server alone.
  toolsets: [DEFAULT_TOOLSET, 'uploads', 'items', 'clip'],
  hints: hints({ readOnly: true, idempotent: true, openWorld: false }),
  input: () =>
    z
      .object({
        transfer_id: z
          .string()
          .min(1)
          .max(100)
          .optional()
          .describe('Which transfer; all are listed if absent.'),
        wait_seconds: waitSeconds(),
      })
      .strict(),
  output: () =>
    z.object({
      status: z.string().optional(),
      transfer_id: z.string().optional(),
      transfers: z.array(z.object({}).passthrough()).optional(),
    }),
  async run(input, call) {
    if (input.transfer_id === undefined) {
      const jobs = await call.jobs.list(call.owner);
      return { facts: { transfers: jobs.map((job) => listed(job.report())) } };
    }
    const job = await findTransfer(input.transfer_id, call);
    const outcome = await followTransfer(job, input.wait_seconds, call);
    return outcome === undefined
      ? { facts: runningFacts(job.report()) }
      : heardAnswer(job, outcome, call);
  },
});

function listed(report: JobReport): Readonly<Record<string, unknown>> {
  const { id, state, kind, what, startedAt, endedAt } = report;
  return {
    transfer_id: id,
    status: state,
    kind,
    what,
    ...progressFacts(report),
    started_at: new Date(startedAt).toISOString(),
    ...(endedAt === undefined ? {} : { ended_at: new Date(endedAt).toISOString() }),
  };
}
