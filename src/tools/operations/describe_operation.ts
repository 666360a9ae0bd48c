import { z } from 'zod';
import type { Operation } from '../../operations/operation.ts';
import { hints } from '../effect_hints.ts';
import { portableInput, portableOutput } from '../portable_schema.ts';
import { DEFAULT_TOOLSET, OPERATIONS_TOOLSET } from '../selection/tool_selection.ts';
import { defineTool, type OfferedCall } from '../tool.ts';
import { toolName } from '../tool_name.ts';
import { callingTool, type Offered } from './calling_tool.ts';
import { exampleInput } from './example_input.ts';
import { OperationLeftOut } from './operation_errors.ts';
import { reachableOperation } from './reachable_operation.ts';

export const describeOperation = defineTool({
  name: 'describe_operation',
  title: 'Describe an operation',
  description:
    'Show what a Geopera operation does, the schema of its input, a valid call, and what it answers.',
  toolsets: [DEFAULT_TOOLSET, OPERATIONS_TOOLSET],
  hints: hints({ readOnly: true, idempotent: true, openWorld: false }),
  input: () =>
    z.object({ operation: z.string().min(1).max(100).describe('Id, e.g. orders.get.') }).strict(),
  async run({ operation: asked }, call) {
    return { facts: descriptionOf(await reachableOperation(asked, call), call) };
  },
});

/**
 * All that a model needs to call an operation.
 *
 * @throws OperationLeftOut
 */
function descriptionOf(operation: Operation, call: OfferedCall): Readonly<Record<string, unknown>> {
  const { id, summary, effect, scope, response, paging, estimate, secrets } = operation;
  const { input, output } = operation;
  return {
    operation: id,
    does: summary,
    effect,
    scope,
    call: exampleCall(operation, call),
    ...(call.consent.asks(operation) && { asks_first: true }),
    ...(estimate && { estimated_by: estimate.operation }),
    input: portableInput(input),
    answers: response,
    ...(paging && { paging: PAGING_WORDS[paging] }),
    ...(output instanceof z.ZodObject && { answer: portableOutput(output) }),
    ...(secrets.length > 0 && { secrets_in_answer: secrets }),
  };
}

function exampleCall(operation: Operation, offered: Offered) {
  const { id, input } = operation;
  const tool = callingTool(operation, offered);
  if (tool === undefined) throw new OperationLeftOut(id);
  const fields = exampleInput(input);
  return { tool, arguments: tool === toolName(id) ? fields : { operation: id, arguments: fields } };
}

const PAGING_WORDS = {
  offset: 'limit and offset; a page shorter than limit is the last',
  page: 'page, from 0; a page that is not full is the last',
  token: 'next, from the answer before; none there means the end',
} as const;
