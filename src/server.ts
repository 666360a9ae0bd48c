import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';
import { type InstructionFacts, instructions } from './instructions.ts';
import type { TransferJobs } from './jobs/transfer_jobs.ts';
import type { Log } from './log.ts';
import { runTool } from './tools/call_result.ts';
import { callSignal } from './tools/call_signal.ts';
import { ClientGaveUp, isClientTimeout } from './tools/client_timeouts.ts';
import { chooseFolders } from './tools/folder_policy.ts';
import type { ToolAnswer, ToolCall } from './tools/tool.ts';
import { createToolbox, toolListings } from './tools/toolbox.ts';
import { Cancelled } from './transfer/cancelled.ts';
import type { Clock } from './transfer/engine.ts';
import { VERSION } from './version.ts';
import type { WorkflowContext } from './workflows/context.ts';
import { CLEAN_UP_MS } from './workflows/reservation.ts';

/** A client that offers roots and does not name them in time may allow less than we would guess. */
const ROOTS_TIMEOUT_MS = 5_000;

export interface ServerContext extends InstructionFacts {
  readonly workflows: WorkflowContext;
  /** The transfers that go on beside the calls. */
  readonly jobs: TransferJobs<ToolAnswer>;
  /** Whose transfers the client of this server may see. */
  readonly owner: string;
  /** By which calls wait. */
  readonly clock: Clock;
  /** Folders that the operator allowed; empty if none was named. */
  readonly allowDirs: readonly string[];
  readonly workingDirectory: string;
  readonly log: Log;
}

export interface GeoperaMcpServer {
  /** Connect it to a transport. */
  readonly server: Server;
  /** Cancels the running calls and transfers, and resolves once each has cleaned up after itself. */
  drain(): Promise<void>;
  /** How long to wait for that, in milliseconds. */
  readonly drainMs: number;
}

/** What is offered, with no transport in it. */
export function buildServer(context: ServerContext): GeoperaMcpServer {
  const server = new Server(
    { name: 'geopera-mcp', title: 'Geopera', version: VERSION },
    { capabilities: { tools: {} }, instructions: instructions(context) },
  );
  const toolbox = createToolbox();
  const tools = toolListings(toolbox);
  const running = new Set<Promise<unknown>>();
  const shutdown = new AbortController();

  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));

  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const tool = toolbox.get(params.name);
    if (tool === undefined) {
      throw new McpError(ErrorCode.InvalidParams, `There is no tool named ${params.name}`);
    }
    const { signal, release } = callSignal([
      { signal: extra.signal, reason: whyTheClientLeft },
      { signal: shutdown.signal, reason: shutDown },
    ]);
    const token = params._meta?.progressToken;
    const call: ToolCall = {
      context: context.workflows,
      jobs: context.jobs,
      owner: context.owner,
      clock: context.clock,
      signal,
      folders: () => allowedFolders(server, context, signal),
      notify:
        token === undefined
          ? undefined
          : (progress) => {
              const params = { progressToken: token, ...progress };
              extra
                .sendNotification({ method: 'notifications/progress', params })
                .catch((err: unknown) => context.log.debug({ err }, 'progress not delivered'));
            },
    };
    const result = runTool(tool, params.arguments, call);
    running.add(result);
    try {
      return await result;
    } finally {
      running.delete(result);
      release();
    }
  });

  return {
    server,
    drainMs: CLEAN_UP_MS,
    async drain() {
      shutdown.abort();
      await Promise.all([...running, context.jobs.cancelAll(shutDown)]);
    },
  };
}

function whyTheClientLeft(reason: unknown): Error {
  return isClientTimeout(reason) ? new ClientGaveUp() : new Cancelled('cancelled by the client');
}

/** Nobody asked to undo the transfers: what a download has stays for the next server. */
function shutDown(): Cancelled {
  return new Cancelled('the server shut down', { keepPartial: true });
}

/** Asked anew for each call that needs it: roots change, and an answer that failed is not kept. */
async function allowedFolders(server: Server, context: ServerContext, signal: AbortSignal) {
  const { allowDirs, workingDirectory, log } = context;
  const asks = allowDirs.length === 0 && server.getClientCapabilities()?.roots !== undefined;
  try {
    const roots = asks ? await clientRoots(server, signal) : [];
    return { folders: chooseFolders({ allowDirs, roots, workingDirectory }) };
  } catch (err) {
    signal.throwIfAborted();
    log.warn({ err }, 'the client offers roots but did not name them, so no folder is allowed');
    return { folders: [] };
  }
}

async function clientRoots(server: Server, signal: AbortSignal): Promise<readonly string[]> {
  const { roots } = await server.listRoots(undefined, { timeout: ROOTS_TIMEOUT_MS, signal });
  return roots.map(({ uri }) => uri);
}
