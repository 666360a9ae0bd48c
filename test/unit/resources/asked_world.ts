import { createTransferJobs } from '../../../src/jobs/transfer_jobs.ts';
import type { Asked, ToolAnswer } from '../../../src/tools/tool.ts';
import type { FakeAnswers } from '../geopera/fake_geopera.ts';
import { ManualClock } from '../jobs/manual_clock.ts';
import { workflowWorld } from '../workflows/workflow_world.ts';

/** A request of `me`, in a world whose time passes when the test says so. */
export function askedWorld(answers: FakeAnswers = {}) {
  const clock = new ManualClock();
  const { context, geopera } = workflowWorld(answers);
  const jobs = createTransferJobs<ToolAnswer>(clock);
  const asked: Asked = {
    owner: 'me',
    context: { ...context, engine: { ...context.engine, clock } },
    jobs,
    signal: new AbortController().signal,
  };
  return { asked, clock, geopera, jobs, as: (owner: string): Asked => ({ ...asked, owner }) };
}

/** A transfer of the owner that is done once this resolves. */
export async function done({ jobs, owner, signal }: Asked, result: ToolAnswer, key = 'k') {
  const run = async () => result;
  const transfer = await jobs.start({ owner, key, kind: 'upload', what: 'a.tif', run });
  await transfer.wait(1, signal);
  return transfer;
}
