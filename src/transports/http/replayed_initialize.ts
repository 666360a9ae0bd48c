import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

const HEADERS = {
  host: 'localhost',
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

/**
 * Brings a transport, and the server behind it, to where a client's `initialize` had brought another
 * one. The SDK can be told so by a request alone; what it answers goes nowhere.
 */
export async function replayInitialize(
  transport: StreamableHTTPServerTransport,
  initialize: unknown,
): Promise<void> {
  const request = new IncomingMessage(new Socket());
  request.method = 'POST';
  request.url = '/';
  request.headers = HEADERS;
  request.rawHeaders = Object.entries(HEADERS).flat();
  await transport.handleRequest(request, new ServerResponse(request), initialize);
}
