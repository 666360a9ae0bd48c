import type { Estimate } from './operation.ts';

/** An estimate that is asked with those members of the spend that `operation` takes as well. */
export function estimatedBy(operation: string, ...members: readonly string[]): Estimate {
  return {
    operation,
    body: (input) =>
      Object.fromEntries(
        members.map((member) => [member, input[member]]).filter(([, value]) => value !== undefined),
      ),
  };
}
