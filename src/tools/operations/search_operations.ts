import { z } from 'zod';
import type { Operation } from '../../operations/operation.ts';
import { hints } from '../effect_hints.ts';
import { DEFAULT_TOOLSET, OPERATIONS_TOOLSET } from '../selection/tool_selection.ts';
import { defineTool } from '../tool.ts';
import { CALLER_OF } from './caller_of.ts';
import { operationsFor } from './operations_for.ts';

const MOST = 20;

export const searchOperations = defineTool({
  name: 'search_operations',
  title: 'Find an operation',
  description:
    'Find the Geopera operations that do what is wanted: orders, catalogue searches, processing, projects, sharing, billing, alerts and all else that has no tool of its own. Say it in plain words. Answers ids with what each does and which tool calls it; describe_operation shows the fields.',
  toolsets: [DEFAULT_TOOLSET, OPERATIONS_TOOLSET],
  hints: hints({ readOnly: true, idempotent: true, openWorld: false }),
  input: () =>
    z
      .object({
        query: z.string().min(1).max(400).describe('What is to be done, in plain words.'),
        limit: z.number().int().min(1).max(MOST).default(5).describe('How many to answer.'),
      })
      .strict(),
  async run({ query, limit }, { selection }) {
    const found = await operationsFor(query, selection);
    return {
      facts: {
        operations: found.slice(0, limit).map(foundFacts),
        ...(found.length === 0 && {
          next: 'No operation has these words. Try others, e.g. the thing alone: order, collection, webhook.',
        }),
      },
    };
  },
});

function foundFacts(operation: Operation): Readonly<Record<string, unknown>> {
  const { id, summary, effect, scope, input, asksFirst } = operation;
  const required = Object.entries(input.shape).filter(([, field]) => !isOptional(field));
  return {
    operation: id,
    does: summary,
    call_with: CALLER_OF[effect],
    required: required.map(([name]) => name),
    scope,
    ...(asksFirst && { asks_first: true }),
  };
}

const isOptional = (field: unknown) => field instanceof z.ZodType && field.isOptional();
