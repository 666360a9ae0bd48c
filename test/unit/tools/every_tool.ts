import type { FileAccess } from '../../../src/tools/file_access.ts';
import { EVERY_TOOLSET, ToolSelection } from '../../../src/tools/selection/tool_selection.ts';
import { createToolbox, type Toolbox } from '../../../src/tools/toolbox.ts';

/** Each operation as a tool of its own, beside all others. */
export const everything = ToolSelection.of({
  toolsets: [EVERY_TOOLSET],
  excludeTools: [],
  readOnly: false,
});

/** All tools that there are for clients whose files reach the server in this way. */
export function everyTool(access: FileAccess): Toolbox {
  return createToolbox(access, everything);
}
