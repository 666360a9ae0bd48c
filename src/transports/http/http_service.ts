import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../../log.ts';
import { answerClientErrors } from './gates/client_errors.ts';
import type { HostGate } from './gates/host_gate.ts';
import { ClientLeft } from './gates/json_body.ts';
import { refuse } from './gates/json_rpc_refusal.ts';
import type { OriginGate } from './gates/origin_gate.ts';
import { type RefusalName, Refused } from './gates/refusals.ts';
import { newRequestId, requestId } from './gates/request_ids.ts';
import type { McpGate } from './mcp_gate.ts';

/** Where the protocol is served. */
export const MCP_PATH = '/mcp';

/** How long a client may take; one that is slower is cut off. In milliseconds. */
export interface ClientTimeouts {
  /** With the headers of a request. */
  readonly headersMs: number;
  /** With a whole request. */
  readonly requestMs: number;
  /** How often both are looked at. */
  readonly checkEveryMs: number;
}

const TIMEOUTS: ClientTimeouts = { headersMs: 10_000, requestMs: 60_000, checkEveryMs: 5_000 };
/** Above the 60 s of most proxies, so that it is they who end an idle connection. */
const KEEP_ALIVE_MS = 75_000;
const MAX_HEADER_BYTES = 16 * 1024;
const MOST_CONNECTIONS = 10_000;
/** In a log line, for every path that is not served: clients have put keys into theirs. */
const OTHER_PATH = 'other';

/** Stands for the status of what nobody waited for, as nginx has it. */
const CLIENT_LEFT = 499;
/** How a client writes to a proxy, and may to a server (RFC 9112, 3.2.2). */
const ABSOLUTE_FORM = /^https?:\/\/([^/]+)(\/.*)$/i;

/** A page beside the protocol. */
export interface Page {
  /** Probes come with whatever Host; what tells more than "alive" is for the names that are allowed. */
  readonly forAnyHost: boolean;
  answer(request: IncomingMessage): Promise<PageAnswer>;
}

export interface PageAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface HttpServiceOptions {
  readonly hosts: HostGate;
  readonly origins: OriginGate;
  readonly mcp: McpGate;
  /** By path. */
  readonly pages: ReadonlyMap<string, Page>;
  readonly meter: {
    requestAnswered(route: string, status: number): void;
    requestRefused(reason: RefusalName): void;
  };
  readonly log: Log;
}

export interface HttpService {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Takes no more connections, and ends those that are open once their answers are. */
  close(): Promise<void>;
  /** Ends all connections at once. */
  closeAllConnections(): void;
}

export interface Listening {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly timeouts?: ClientTimeouts | undefined;
}

/** The address cannot be listened on. */
class ListenError extends Error {
  override readonly name = 'ListenError';
}

/**
 * Listens.
 *
 * @throws ListenError
 */
export async function startHttpService(
  { host, port, timeouts = TIMEOUTS }: Listening,
  options: HttpServiceOptions,
): Promise<HttpService> {
  const server = createServer({
    headersTimeout: timeouts.headersMs,
    requestTimeout: timeouts.requestMs,
    connectionsCheckingInterval: timeouts.checkEveryMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // The host gate answers a request without one, as it answers every other refusal.
    requireHostHeader: false,
  });
  server.maxConnections = MOST_CONNECTIONS;
  answerClientErrors(server, (refusal) => options.meter.requestRefused(refusal));
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    options.meter.requestRefused('expectation');
    refuse(response, { ...new Refused('expectation').kind, requestId: newRequestId() });
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void answer(request, response, options);
  });
  await listening(server, host, port);
  return {
    origin: `http://${authority(server.address())}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      await closed;
    },
    closeAllConnections: () => server.closeAllConnections(),
  };
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ListenError(`Cannot listen on ${host}, port ${port}: ${why}`, { cause });
  }
}

function authority(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const { family, address: host, port } = address;
  return family === 'IPv6' ? `[${host}]:${port}` : `${host}:${port}`;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpServiceOptions,
): Promise<void> {
  const { meter, log, pages } = options;
  const startedAt = performance.now();
  const id = requestId(request.headers['x-request-id']);
  const path = pathOf(request);
  response.setHeader('X-Request-Id', id);
  response.once('close', () => {
    const { headersSent, statusCode, writableFinished: whole } = response;
    const status = headersSent ? statusCode : CLIENT_LEFT;
    const ms = Math.round(performance.now() - startedAt);
    meter.requestAnswered(path, status);
    log.info(
      {
        requestId: id,
        method: request.method,
        path: path === MCP_PATH || pages.has(path) ? path : OTHER_PATH,
        status,
        ms,
        whole,
      },
      'request',
    );
  });
  try {
    await route(request, response, path, id, options);
  } catch (failure) {
    if (failure instanceof ClientLeft || response.destroyed) return;
    const refused = failure instanceof Refused ? failure : new Refused('internal');
    if (refused !== failure) log.error({ requestId: id, err: failure }, 'a request failed');
    meter.requestRefused(refused.reason);
    refuse(response, { ...refused.kind, requestId: id });
  }
}

/** @throws Refused */
async function route(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  id: string,
  { hosts, origins, pages, mcp }: HttpServiceOptions,
): Promise<void> {
  const page = pages.get(path);
  if (page?.forAnyHost) return answerPage(request, response, page);
  const host = hosts.admit(request.headersDistinct);
  if (host === undefined) throw new Refused('host');
  const verdict = origins.judge(request.method, request.headersDistinct, host);
  if (verdict.kind === 'refused') throw new Refused('origin');
  for (const [name, value] of Object.entries(verdict.headers)) response.setHeader(name, value);
  if (verdict.kind === 'preflight') {
    response.writeHead(204).end();
    return;
  }
  if (path === MCP_PATH) return mcp.handle(request, response, id);
  if (page === undefined) throw new Refused('notFound');
  return answerPage(request, response, page);
}

async function answerPage(
  request: IncomingMessage,
  response: ServerResponse,
  page: Page,
): Promise<void> {
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD') throw new Refused('method', { Allow: 'GET, HEAD' });
  const { status, contentType, body } = await page.answer(request);
  response
    .writeHead(status, {
      'Content-Type': contentType,
      'Content-Length': String(Buffer.byteLength(body)),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    })
    .end(method === 'HEAD' ? undefined : body);
}

function pathOf({ url = '', headers }: IncomingMessage): string {
  const [target = ''] = url.split('?', 1);
  const [, authority, path] = ABSOLUTE_FORM.exec(target) ?? [];
  // Whichever of the two a proxy believes, it is the host that the gate judges.
  return authority === undefined || authority !== headers.host ? target : (path ?? '');
}
