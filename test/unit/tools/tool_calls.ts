import { createTransferJobs } from '../../../src/jobs/transfer_jobs.ts';
import { Consent, processKey } from '../../../src/tools/consent/consent.ts';
import { NO_WISHES, ToolSelection } from '../../../src/tools/selection/tool_selection.ts';
import type { OfferedCall } from '../../../src/tools/tool.ts';
import type { WorkflowWorld } from '../workflows/workflow_world.ts';

/** A call in a world of workflows, to whom no folder is allowed unless it says otherwise. */
export function toolCall(
  { context, act }: WorkflowWorld,
  more: Partial<OfferedCall> = {},
): OfferedCall {
  const { clock } = context.engine;
  return {
    context,
    clock,
    jobs: createTransferJobs(clock),
    owner: 'test',
    signal: act.signal,
    tell: () => undefined,
    folders: async () => ({ folders: [] }),
    selection: ToolSelection.of(NO_WISHES),
    offers: () => true,
    consent: new Consent({ mode: 'never', key: processKey(), now: clock.now }),
    ...more,
  };
}
