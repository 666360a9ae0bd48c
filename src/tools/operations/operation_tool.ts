import { z } from 'zod';
import { catalogue } from '../../operations/catalogue.ts';
import type { Operation } from '../../operations/operation.ts';
import { EFFECT_HINTS } from '../effect_hints.ts';
import type { ToolSelection } from '../selection/tool_selection.ts';
import { toolsetsOf } from '../selection/toolsets.ts';
import { defineTool, type Tool } from '../tool.ts';
import { toolName } from '../tool_name.ts';
import { confirmation } from './confirmation_argument.ts';
import { performOperation, WHOLE_ANSWER } from './perform_operation.ts';

/** The tools of those operations that a selection offers; no other is made, as a start has no time for all. */
export function operationTools(selection: ToolSelection): readonly Tool[] {
  return catalogue
    .filter(({ id, effect }) => {
      const { readOnlyHint: readOnly } = EFFECT_HINTS[effect];
      return selection.offers({ name: toolName(id), toolsets: toolsetsOf(id), readOnly });
    })
    .map(operationTool);
}

/** Any operation as a tool, from its record alone. */
export function operationTool(operation: Operation): Tool {
  const { id, scope, effect, summary, asksFirst } = operation;
  return defineTool({
    name: toolName(id),
    title: id,
    description: `${summary} Needs scope ${scope}.`,
    toolsets: toolsetsOf(id),
    hints: EFFECT_HINTS[effect],
    scope,
    meta: { 'geopera/operation': id },
    input: () =>
      asksFirst ? operation.input.extend({ confirmation: confirmation() }) : operation.input,
    async run(args, call) {
      if (!asksFirst) return performOperation(operation, args, { view: WHOLE_ANSWER }, call);
      const { confirmation: token, ...body } = withConfirmation().parse(args);
      return performOperation(operation, body, { view: WHOLE_ANSWER, confirmation: token }, call);
    },
  });
}

const withConfirmation = () => z.object({ confirmation: confirmation() }).passthrough();
