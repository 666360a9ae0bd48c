import { z } from 'zod';
import type { Operation } from '../../operations/operation.ts';
import { EFFECT_HINTS, type Hints, hints } from '../effect_hints.ts';
import { DEFAULT_TOOLSET, OPERATIONS_TOOLSET } from '../selection/tool_selection.ts';
import { defineTool, type Tool } from '../tool.ts';
import { calledOperation, inputOf } from './called_operation.ts';
import { CALLER_OF } from './caller_of.ts';
import { callingTool, type Offered } from './calling_tool.ts';
import { confirmation } from './confirmation_argument.ts';
import { exampleInput } from './example_input.ts';
import { InvalidInput, OperationLeftOut, WrongCaller } from './operation_errors.ts';
import { performOperation } from './perform_operation.ts';
import { reachableOperation } from './reachable_operation.ts';

interface Caller {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly hints: Hints;
  readonly asks: boolean;
}

const BEFORE = 'search_operations finds it, describe_operation shows its fields.';

const CALLERS: readonly Caller[] = [
  {
    name: CALLER_OF.read,
    title: 'Call an operation that reads',
    description: `Call any Geopera operation that only reads. ${BEFORE} Long answers are cut at a record, with the next call.`,
    hints: EFFECT_HINTS.read,
    asks: false,
  },
  {
    name: CALLER_OF.compute,
    title: 'Call an operation that writes',
    description: `Call a Geopera operation that creates or changes something, or hands data out. ${BEFORE}`,
    hints: EFFECT_HINTS.compute,
    asks: true,
  },
  {
    name: CALLER_OF.destructive,
    title: 'Call an operation that spends or removes',
    description: `Call a Geopera operation that spends credits or money, or removes something. Where it answers a summary and a confirmation, nothing was done: show the user the summary, and call again with the confirmation only if they agree. ${BEFORE}`,
    // A spend is not done over by being sent twice, but what is spent is not what was.
    hints: hints({ destructive: true }),
    asks: true,
  },
];

/** The tools that call any operation, each those of its effects. */
export const OPERATION_CALLERS: readonly Tool[] = CALLERS.map(operationCaller);

const viewed = () => ({
  skip: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Records to pass over, as an answer that was cut says.'),
  part: z.string().max(500).optional().describe('Only this member, e.g. geometry.coordinates.'),
});

/** All that any caller may be given, once its own model has taken it. */
const request = z.object({
  operation: z.string(),
  arguments: z.record(z.unknown()),
  skip: z.number().default(0),
  part: z.string().optional(),
  confirmation: z.string().optional(),
});

function operationCaller({ asks, ...caller }: Caller): Tool {
  return defineTool({
    ...caller,
    toolsets: [DEFAULT_TOOLSET, OPERATIONS_TOOLSET],
    input: () =>
      z
        .object({
          ...calledOperation(),
          ...(asks ? { confirmation: confirmation() } : viewed()),
        })
        .strict(),
    async run(given, call) {
      const asked = request.parse(given);
      const operation = await reachableOperation(asked.operation, call);
      mustBeFor(operation, caller.name, call);
      if (operation.asksFirst) mustNotConfirmWithin(operation, asked.arguments);
      const body = inputOf(operation, asked.arguments);
      const { skip, part } = asked;
      const view = { skip, part };
      return performOperation(operation, body, { view, confirmation: asked.confirmation }, call);
    },
  });
}

function mustBeFor(operation: Operation, caller: string, offered: Offered): void {
  const { id, effect } = operation;
  if (CALLER_OF[effect] === caller) return;
  const right = callingTool(operation, offered);
  throw right === undefined ? new OperationLeftOut(id) : new WrongCaller(id, caller, right);
}

/** Some operations take more than their models name, and would be sent the confirmation. */
function mustNotConfirmWithin({ id, input }: Operation, args: Readonly<Record<string, unknown>>) {
  if (!Object.hasOwn(args, 'confirmation')) return;
  const fault = 'confirmation: it stands beside operation and arguments, not among these';
  throw new InvalidInput(id, [fault], exampleInput(input));
}
