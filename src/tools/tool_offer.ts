import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type {
  CallToolResult,
  Tool as ListedTool,
  ServerNotification,
  ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import { catalogue } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import { runTool } from './call_result.ts';
import type { Consent } from './consent/consent.ts';
import type { FileAccess } from './file_access.ts';
import { callingTool } from './operations/calling_tool.ts';
import type { ToolSelection, ToolWishes } from './selection/tool_selection.ts';
import type { Tool, ToolCall } from './tool.ts';
import { createToolbox, selected, type Toolbox, toolListings } from './toolbox.ts';

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

/** The tools of Geopera, and what can be called with them. */
export interface GeoperaTools extends ToolOffer {
  /** Names of tools, and ids of operations that a tool calls. */
  readonly callable: ReadonlySet<string>;
  /** Whether an operation may be called at all, be it by a resource. */
  reaches(operation: Operation): boolean;
  /** The same, less what these wishes leave out. */
  narrowed(wishes: ToolWishes): GeoperaTools;
}

export interface GeoperaToolsOptions {
  /** How files of the client reach the server. */
  readonly access: FileAccess;
  /** Tools for other services. */
  readonly services: readonly Tool[];
  readonly selection: ToolSelection;
  readonly consent: Consent;
}

/** The tools of Geopera that are selected. */
export function geoperaTools(options: GeoperaToolsOptions): GeoperaTools {
  const { access, selection, services } = options;
  return offerOf(createToolbox(access, selection, services), options);
}

function offerOf(
  toolbox: Toolbox,
  { access, services, selection, consent }: GeoperaToolsOptions,
): GeoperaTools {
  const offers = (name: string) => toolbox.has(name);
  const operations = catalogue.filter((it) => callingTool(it, { selection, offers }) !== undefined);
  let listings: readonly ListedTool[] | undefined;
  return {
    get listings() {
      listings ??= toolListings(toolbox, access);
      return listings;
    },
    call(name, args, call) {
      const tool = toolbox.get(name);
      return tool && runTool(tool, args, { ...call, selection, consent, offers });
    },
    callable: new Set([...toolbox.keys(), ...operations.map(({ id }) => id)]),
    reaches: (operation) => selection.reaches(operation),
    narrowed(wishes) {
      const narrower = selection.narrowed(wishes);
      return offerOf(selected(toolbox, narrower), {
        access,
        services,
        selection: narrower,
        consent,
      });
    },
  };
}
