import { createTransferJobs } from '../../../src/jobs/transfer_jobs.ts';
import type { ToolCall } from '../../../src/tools/tool.ts';
import type { WorkflowWorld } from '../workflows/workflow_world.ts';

/** A call in a world of workflows, to whom no folder is allowed unless it says otherwise. */
export function toolCall({ context, act }: WorkflowWorld, more: Partial<ToolCall> = {}): ToolCall {
  const { clock } = context.engine;
  return {
    context,
    clock,
    jobs: createTransferJobs(clock),
    owner: 'test',
    signal: act.signal,
    tell: () => undefined,
    folders: async () => ({ folders: [] }),
    ...more,
  };
}
