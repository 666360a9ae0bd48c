import type { IncomingHttpHeaders } from 'node:http';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { GeoperaMcpServer } from '../../server.ts';
import type { McpEndpoint, McpRequest } from './mcp_request.ts';
import type { RequestCallers } from './request_callers.ts';

export interface StatelessOptions {
  /** Makes a server for one request. */
  build(headers: IncomingHttpHeaders): GeoperaMcpServer;
  readonly callers: RequestCallers;
}

/** Each request is answered by a server of its own, which knows of no other: any replica can. */
export class StatelessEndpoint implements McpEndpoint {
  readonly methods = ['POST'];
  readonly sessions = 0;
  readonly #options: StatelessOptions;

  constructor(options: StatelessOptions) {
    this.#options = options;
  }

  async handle({ request, response, visitor, readBody, gone }: McpRequest): Promise<void> {
    const { build, callers } = this.#options;
    const body = await readBody();
    const { server } = build(request.headers);
    const transport = new StreamableHTTPServerTransport({});
    await server.connect(transport);
    // The end of the answer, or of the client: the latter ends the call, by its signal.
    response.once('close', () => void server.close());
    const auth = callers.admit({ ...visitor.caller, left: gone });
    await transport.handleRequest(Object.assign(request, { auth }), response, body);
  }

  async close(): Promise<void> {
    // What is open ends with its connections.
  }
}
