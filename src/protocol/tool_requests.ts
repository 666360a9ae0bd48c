import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';
import type { Offer } from '../offer.ts';
import type { ServerContext } from '../server_context.ts';
import { errorCodeOf } from '../tools/call_result.ts';
import type { Asked, ToldLevel, ToolCall } from '../tools/tool.ts';
import type { RequestExtra } from '../tools/tool_offer.ts';
import { userQuestions } from './ask_user.ts';
import { allowedFolders } from './client_folders.ts';
import { offeredTo } from './offered_to.ts';
import type { RunningRequests } from './running_requests.ts';

/** Answers `tools/list` and `tools/call`. */
export function serveTools(
  server: Server,
  offer: Offer,
  requests: RunningRequests,
  context: ServerContext,
): void {
  server.setRequestHandler(ListToolsRequestSchema, (_request, extra) => ({
    tools: [...offeredTo(extra, offer).tools.listings],
  }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) =>
    requests.run(extra, async (asked) => {
      const call = toolCall(server, context, asked, extra);
      const { tools } = offeredTo(extra, offer);
      const result = tools.call(params.name, params.arguments, call, extra);
      if (result !== undefined) return metered(params.name, result, context);
      throw new McpError(ErrorCode.InvalidParams, 'There is no tool of that name: see tools/list');
    }),
  );
}

async function metered(
  tool: string,
  result: Promise<CallToolResult>,
  { meter }: ServerContext,
): Promise<CallToolResult> {
  const ended = meter?.callStarted(tool);
  let outcome = 'thrown';
  try {
    const answered = await result;
    outcome = errorCodeOf(answered) ?? 'ok';
    return answered;
  } finally {
    ended?.(outcome);
  }
}

function toolCall(
  server: Server,
  context: ServerContext,
  asked: Asked,
  extra: RequestExtra,
): ToolCall {
  const { clock, log } = context;
  const undelivered = (err: unknown) => log.debug({ err }, 'a notification was not delivered');
  const progressToken = extra._meta?.progressToken;
  const notify: ToolCall['notify'] =
    progressToken === undefined
      ? undefined
      : (progress) => {
          const params = { progressToken, ...progress };
          extra.sendNotification({ method: 'notifications/progress', params }).catch(undelivered);
        };
  return {
    ...asked,
    clock,
    askUser: userQuestions(server, extra, { clock, notify, signal: asked.signal }, log),
    folders: () => allowedFolders(server, context, asked.signal),
    tell: (level: ToldLevel, data: string) => {
      const message = { level, logger: 'geopera-mcp', data };
      server.sendLoggingMessage(message, extra.sessionId).catch(undelivered);
    },
    notify,
  };
}
