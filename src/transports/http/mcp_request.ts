import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ConnectedCaller } from '../../server_context.ts';

/** Who sends a request, once that is known. */
export interface Visitor {
  /** The same for all tokens of one account. */
  readonly principal: string;
  /** What acts for it, in this request. */
  readonly caller: Omit<ConnectedCaller, 'left'>;
}

/** A request to the endpoint of the protocol that has passed every gate. */
export interface McpRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly visitor: Visitor;
  /**
   * Reads the JSON of a POST, in which each message counts as a request.
   *
   * @throws Refused, ClientLeft
   */
  readBody(): Promise<unknown>;
  /** Aborts when the connection is gone. */
  readonly gone: AbortSignal;
}

/** Serves the protocol. Refusals are thrown, as `Refused`. */
export interface McpEndpoint {
  /** Methods of HTTP that it takes. */
  readonly methods: readonly string[];
  /** Resolves when the answer has begun, or is whole. */
  handle(request: McpRequest): Promise<void>;
  /** How many sessions are open. */
  readonly sessions: number;
  /** Ends all sessions and streams. */
  close(): Promise<void>;
}
