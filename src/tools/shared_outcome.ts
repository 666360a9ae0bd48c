import { z } from 'zod';
import type { OutcomeCodec } from '../jobs/outcome_codec.ts';
import { explain } from './explain.ts';
import { INTERNAL } from './explanation.ts';
import { leftBehind } from './left_behind.ts';
import { SharedFailure } from './shared_failure.ts';
import type { ToolAnswer } from './tool.ts';

const sharedOutcome = z.discriminatedUnion('state', [
  z.object({ state: z.literal('completed'), facts: z.record(z.unknown()) }),
  z.object({
    state: z.enum(['failed', 'cancelled']),
    explanation: z.object({
      code: z.string(),
      what: z.string(),
      next: z.string(),
      retryable: z.boolean(),
    }),
    left: z.object({
      uploadId: z.string().optional(),
      reservation: z.enum(['released', 'over', 'held']).optional(),
      partialKept: z.boolean(),
      mayBeDone: z.boolean(),
    }),
  }),
]);

const UNREADABLE = { partialKept: false, mayBeDone: false };

/**
 * What a transfer answered, as another server can tell it: its facts, or its failure word for word. A link
 * to a file is of use on the machine of that file alone.
 */
export const sharedOutcomes: OutcomeCodec<ToolAnswer> = {
  write(outcome): z.output<typeof sharedOutcome> {
    const { state } = outcome;
    if (state === 'completed') return { state, facts: { ...outcome.result.facts } };
    const { error } = outcome;
    return { state, explanation: explain(error), left: leftBehind(error) };
  },
  read(json) {
    const read = sharedOutcome.safeParse(json);
    if (!read.success) return { state: 'failed', error: new SharedFailure(INTERNAL, UNREADABLE) };
    const { data } = read;
    if (data.state === 'completed') return { state: data.state, result: { facts: data.facts } };
    return { state: data.state, error: new SharedFailure(data.explanation, data.left) };
  },
};
