import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { instructions } from './instructions.ts';
import type { Offer } from './offer.ts';
import { serveCompletions, servePrompts } from './protocol/prompt_requests.ts';
import { serveResources } from './protocol/resource_requests.ts';
import { RunningRequests } from './protocol/running_requests.ts';
import { serveTools } from './protocol/tool_requests.ts';
import type { ServerContext } from './server_context.ts';
import { VERSION } from './version.ts';

export interface GeoperaMcpServer {
  /** Connect it to a transport. */
  readonly server: Server;
  /**
   * Cancels the running requests, and resolves once each has cleaned up after itself. Transfers that
   * nobody waits for go on: they are the context's.
   */
  drain(): Promise<void>;
}

/** The server of one client: what is offered, with no transport in it. */
export function buildServer(offer: Offer, context: ServerContext): GeoperaMcpServer {
  const server = new Server(
    { name: 'geopera-mcp', title: 'Geopera', version: VERSION },
    {
      capabilities: {
        tools: {},
        resources: { subscribe: true },
        prompts: {},
        completions: {},
        logging: {},
      },
      instructions: instructions(context),
    },
  );
  const requests = new RunningRequests(context);
  serveTools(server, offer.tools, requests, context);
  const { stopTelling } = serveResources(server, offer.resources, requests, context.log);
  servePrompts(server, offer, requests);
  serveCompletions(server, offer, requests);
  server.onclose = stopTelling;
  return { server, drain: () => requests.end() };
}
