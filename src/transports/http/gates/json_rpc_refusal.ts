import { type ServerResponse, STATUS_CODES } from 'node:http';
import { dropRest } from './drop_rest.ts';
import type { RefusalKind } from './refusals.ts';

/** What one request is refused with: a row of `REFUSALS`, and what is known only now. */
export interface Refusal extends RefusalKind {
  readonly requestId: string;
  /** Of the JSON-RPC request, where it is known. */
  readonly id?: string | number;
}

/**
 * Answers a request with a JSON-RPC error, and leaves the connection in a state that the next request
 * can use, or closed where the refusal says so. Headers set on the response before are sent too. An
 * answer that has begun cannot be taken back: it is broken off.
 */
export function refuse(response: ServerResponse, refusal: Refusal): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = refusalBody(refusal);
  const headers = refusalHeaders(refusal, body);
  response.writeHead(refusal.status, headers);
  const { req: request } = response;
  const closes = !response.shouldKeepAlive || headers['Connection'] === 'close';
  if (request.complete) {
    response.end(body);
  } else if (!closes) {
    response.end(body);
    dropRest(request);
  } else {
    // Node closes such a connection with the end of the answer, and what the client still sends would
    // then reset it, often before the client has read why.
    response.write(body);
    dropRest(request, () => response.end());
  }
}

/** The same as text for a bare socket, where no response can be had. */
export function rawRefusal(refusal: Refusal): string {
  const body = refusalBody(refusal);
  const headers = { ...refusalHeaders(refusal, body), Connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const { status } = refusal;
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`;
}

function refusalBody({ code, message, id }: Refusal): string {
  return JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: id ?? null });
}

function refusalHeaders({ headers, requestId }: Refusal, body: string): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': requestId,
    ...headers,
  };
}
