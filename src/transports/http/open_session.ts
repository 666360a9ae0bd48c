import { randomUUID } from 'node:crypto';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { GeoperaMcpServer } from '../../server.ts';
import type { McpRequest } from './mcp_request.ts';
import type { RequestCallers } from './request_callers.ts';
import type { Session } from './sessions.ts';

export interface OpenSessionOptions {
  readonly principal: string;
  readonly mcp: GeoperaMcpServer;
  readonly callers: RequestCallers;
  /** The client has initialized it. */
  onInitialized(session: OpenSession): void;
  /** The client has ended it. */
  onEnded(session: OpenSession): Promise<void>;
}

/** A server of one client, reached by the requests that name its session. */
export class OpenSession implements Session {
  readonly id = randomUUID();
  readonly principal: string;
  readonly #mcp: GeoperaMcpServer;
  readonly #callers: RequestCallers;
  readonly #transport: StreamableHTTPServerTransport;
  /** One for each answer that is under way. */
  readonly #waiting = new Set<AbortController>();

  constructor({ principal, mcp, callers, onInitialized, onEnded }: OpenSessionOptions) {
    this.principal = principal;
    this.#mcp = mcp;
    this.#callers = callers;
    this.#transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => this.id,
      onsessioninitialized: () => onInitialized(this),
      onsessionclosed: () => onEnded(this),
    });
  }

  async begin(): Promise<void> {
    await this.#mcp.server.connect(this.#transport);
  }

  /** @param body of a POST, parsed */
  async handle({ request, response, visitor }: McpRequest, body: unknown): Promise<void> {
    const left = new AbortController();
    this.#waiting.add(left);
    response.once('close', () => {
      this.#waiting.delete(left);
      if (!response.writableFinished) left.abort();
    });
    const auth = this.#callers.admit({ ...visitor.caller, left: left.signal });
    await this.#transport.handleRequest(Object.assign(request, { auth }), response, body);
  }

  async end(): Promise<void> {
    // First, so that calls see a client that left, and not one that cancels its transfers.
    for (const left of this.#waiting) left.abort();
    await this.#mcp.server.close();
  }
}
