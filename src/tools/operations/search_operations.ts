import { z } from 'zod';
import type { Operation } from '../../operations/operation.ts';
import { hints } from '../effect_hints.ts';
import { DEFAULT_TOOLSET, OPERATIONS_TOOLSET } from '../selection/tool_selection.ts';
import { defineTool, type OfferedCall } from '../tool.ts';
import { callingTool } from './calling_tool.ts';
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
  async run({ query, limit }, call) {
    const found = await operationsFor(query, call);
    return {
      facts: {
        operations: found.slice(0, limit).map((operation) => foundFacts(operation, call)),
        ...(found.length === 0 && {
          next: 'No operation that can be called here has these words. Try others, e.g. the thing alone: order, collection, webhook.',
        }),
      },
    };
  },
});

function foundFacts(operation: Operation, call: OfferedCall): Readonly<Record<string, unknown>> {
  const { id, summary, scope, input } = operation;
  const required = Object.entries(input.shape).filter(([, field]) => !isOptional(field));
  return {
    operation: id,
    does: summary,
    call_with: callingTool(operation, call),
    required: required.map(([name]) => name),
    scope,
    ...(call.consent.asks(operation) && { asks_first: true }),
  };
}

const isOptional = (field: unknown) => field instanceof z.ZodType && field.isOptional();
