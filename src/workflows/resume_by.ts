import type { ResumeBy } from '../transfer/download.ts';
import type { WorkflowContext } from './context.ts';

/** How a download of the same thing to the same path is found again, by names that stay. */
export function resumeBy(
  { downloadJournals }: WorkflowContext,
  ...names: readonly string[]
): ResumeBy | undefined {
  if (downloadJournals === undefined) return undefined;
  return { folder: downloadJournals, identity: JSON.stringify(names) };
}
