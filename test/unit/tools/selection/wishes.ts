import fc from 'fast-check';
import { catalogue } from '../../../../src/operations/catalogue.ts';
import type { SelectableTool, ToolWishes } from '../../../../src/tools/selection/tool_selection.ts';
import { toolsetNames } from '../../../../src/tools/selection/toolsets.ts';
import { everyTool } from '../every_tool.ts';

/** All tools that there are, as a selection sees them. */
export const EVERY_TOOL: readonly SelectableTool[] = [...everyTool('both').values()].map(
  ({ name, toolsets, hints }) => ({ name, toolsets, readOnly: hints.readOnlyHint }),
);

const NAMES: readonly string[] = EVERY_TOOL.map(({ name }) => name);
const IDS: readonly string[] = catalogue.map(({ id }) => id);

/** Names of tools and ids of operations, of which some do not exist. */
const names = () =>
  fc.array(fc.oneof(fc.constantFrom(...NAMES), fc.constantFrom(...IDS), fc.string()), {
    maxLength: 6,
  });

/** Whatever somebody may want of tools, sense or not. */
export function anyWishes(): fc.Arbitrary<ToolWishes> {
  return fc.record(
    {
      toolsets: fc.array(fc.oneof(fc.constantFrom(...toolsetNames()), fc.string()), {
        maxLength: 4,
      }),
      tools: names(),
      excludeTools: names(),
      readOnly: fc.boolean(),
    },
    { requiredKeys: ['excludeTools', 'readOnly'] },
  );
}
