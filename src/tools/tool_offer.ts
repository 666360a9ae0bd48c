import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type {
  CallToolResult,
  Tool as ListedTool,
  ServerNotification,
  ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import { runTool } from './call_result.ts';
import type { FileAccess } from './file_access.ts';
import type { ToolCall } from './tool.ts';
import { createToolbox, toolListings } from './toolbox.ts';

/** What the protocol knows of a request: its id, and a way to answer with more than a result. */
export type RequestExtra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** The tools that a server offers. */
export interface ToolOffer {
  /** What `tools/list` answers; made once. */
  readonly listings: readonly ListedTool[];
  /** @returns undefined if there is no tool of that name */
  call(
    name: string,
    args: unknown,
    call: ToolCall,
    extra: RequestExtra,
  ): Promise<CallToolResult> | undefined;
}

/** The tools of Geopera, with those for files that this access allows. */
export function geoperaTools(access: FileAccess): ToolOffer {
  const toolbox = createToolbox(access);
  return {
    listings: toolListings(toolbox),
    call(name, args, call) {
      const tool = toolbox.get(name);
      return tool && runTool(tool, args, call);
    },
  };
}
