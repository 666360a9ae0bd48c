import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';
import type { GeoperaClient } from './geopera/client.ts';
import { type InstructionFacts, instructions } from './instructions.ts';
import type { Log } from './log.ts';
import { answerResult, errorResult } from './tools/call_result.ts';
import { chooseFolders } from './tools/folder_policy.ts';
import { progressNotifier } from './tools/progress_notifier.ts';
import type { ToolCall } from './tools/tool.ts';
import { createToolbox } from './tools/toolbox.ts';
import { VERSION } from './version.ts';
import type { WorkflowContext } from './workflows/context.ts';

/** A client that does not name its roots in time is treated as having none. */
const ROOTS_TIMEOUT_MS = 5_000;

export interface ServerContext extends InstructionFacts {
  readonly workflows: WorkflowContext;
  /** The client for single operations. */
  readonly operations: GeoperaClient;
  /** Folders that the operator allowed; empty if none was named. */
  readonly allowDirs: readonly string[];
  readonly workingDirectory: string;
  readonly log: Log;
}

export interface GeoperaMcpServer {
  /** Connect it to a transport. */
  readonly server: Server;
  /** Cancels the running calls and resolves once each has cleaned up after itself. */
  drain(reason: string): Promise<void>;
}

/** What is offered, with no transport in it. */
export function buildServer(context: ServerContext): GeoperaMcpServer {
  const server = new Server(
    { name: 'geopera-mcp', title: 'Geopera', version: VERSION },
    { capabilities: { tools: {} }, instructions: instructions(context) },
  );
  const toolbox = createToolbox();
  const tools = [...toolbox.values()].map(({ listing }) => listing);
  const running = new Set<Promise<unknown>>();
  const shutdown = new AbortController();

  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));

  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const tool = toolbox.get(params.name);
    if (tool === undefined) {
      throw new McpError(ErrorCode.InvalidParams, `There is no tool named ${params.name}`);
    }
    const token = params._meta?.progressToken;
    const call: ToolCall = {
      context: context.workflows,
      operations: context.operations,
      signal: AbortSignal.any([extra.signal, shutdown.signal]),
      folders: () => allowedFolders(server, context),
      onProgress: progressNotifier((progress) => {
        if (token === undefined) return;
        const params = { progressToken: token, ...progress };
        extra
          .sendNotification({ method: 'notifications/progress', params })
          .catch((err: unknown) => context.log.debug({ err }, 'progress not delivered'));
      }, Date.now),
    };
    const result = tool
      .invoke(params.arguments, call)
      .then(answerResult, (error: unknown) => errorResult(tool.name, error, context.log));
    running.add(result);
    result.finally(() => running.delete(result));
    return result;
  });

  return {
    server,
    async drain(reason) {
      shutdown.abort(new DOMException(reason, 'AbortError'));
      await Promise.all(running);
    },
  };
}

/** Asked anew for each call that needs it: roots change, and an answer that failed is not kept. */
async function allowedFolders(server: Server, context: ServerContext) {
  const { allowDirs, workingDirectory } = context;
  const roots = allowDirs.length > 0 ? undefined : await clientRoots(server, context.log);
  return { folders: chooseFolders({ allowDirs, roots, workingDirectory }) };
}

async function clientRoots(server: Server, log: Log): Promise<readonly string[] | undefined> {
  if (server.getClientCapabilities()?.roots === undefined) return undefined;
  try {
    const { roots } = await server.listRoots(undefined, { timeout: ROOTS_TIMEOUT_MS });
    return roots.map(({ uri }) => uri);
  } catch (err) {
    log.warn({ err }, 'the client offers roots but did not name them');
    return undefined;
  }
}
