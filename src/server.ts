import type { IncomingHttpHeaders } from 'node:http';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { ServerCapabilities } from '@modelcontextprotocol/sdk/types.js';
import { instructions } from './instructions.ts';
import type { Offer } from './offer.ts';
import { lateValidator } from './protocol/late_validator.ts';
import { offeredWith } from './protocol/offered_to.ts';
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

/** Whether a client is remembered between its requests: only then can it be told of changes later. */
export type Memory = 'session' | 'none';

const CAPABILITIES: Readonly<Record<Memory, ServerCapabilities>> = {
  session: {
    tools: {},
    resources: { subscribe: true },
    prompts: {},
    completions: {},
    logging: {},
  },
  none: { tools: {}, resources: {}, prompts: {}, completions: {} },
};

/**
 * Makes servers of one client each, with no transport in them, by the headers of the request that begins each.
 * What they share is made once.
 */
export function serverBuilder(
  offer: Offer,
  context: ServerContext,
  memory: Memory = 'session',
): (headers?: IncomingHttpHeaders) => GeoperaMcpServer {
  const info = { name: 'geopera-mcp', title: 'Geopera', version: VERSION };
  const toldOf = ({ tools }: Offer) =>
    instructions(context, new Set(tools.listings.map(({ name }) => name)));
  const options = {
    capabilities: CAPABILITIES[memory],
    instructions: toldOf(offer),
    jsonSchemaValidator: lateValidator(),
  };
  return (headers) => {
    const offered = offeredWith(headers, offer);
    const told = offered === offer ? options.instructions : toldOf(offered);
    const server = new Server(info, { ...options, instructions: told });
    const requests = new RunningRequests(context);
    serveTools(server, offer, requests, context);
    const resources = serveResources(server, offer, requests, context.log, memory);
    servePrompts(server, offer, requests);
    serveCompletions(server, offer, requests);
    server.onclose = resources.stopTelling;
    return { server, drain: () => requests.end() };
  };
}

/** The server of one client. */
export function buildServer(offer: Offer, context: ServerContext): GeoperaMcpServer {
  return serverBuilder(offer, context)();
}
