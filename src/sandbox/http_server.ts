import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { errnoOf } from './errno.ts';

const LOOPBACK = '127.0.0.1';
const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** A server on loopback alone. */
export interface HttpServer {
  /** Scheme, host and port, without a trailing slash. */
  readonly origin: string;
  /** Hands requests to `handler` from now on. */
  serve(handler: RequestHandler): void;
  /** Ends open connections and resolves when every handler has returned. */
  close(): Promise<void>;
}

const PORT_PROBLEMS: ReadonlyMap<string | undefined, string> = new Map([
  ['EADDRINUSE', 'is taken by another process'],
  ['EACCES', 'may not be opened without more rights'],
]);

/** The port cannot be had. */
class PortError extends Error {
  override readonly name = 'PortError';

  constructor(port: number, problem: string) {
    super(`Port ${port} on ${LOOPBACK} ${problem}. Choose another one, or 0 for any free one.`);
  }
}

/**
 * @param port 0 for any free one
 * @throws PortError if it is taken or not for this user
 */
export async function listen(port: number): Promise<HttpServer> {
  // A big upload over a slow link may take longer than Node's default of five minutes.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 });
  server.listen(port, LOOPBACK);
  try {
    await once(server, 'listening');
  } catch (error) {
    const problem = PORT_PROBLEMS.get(errnoOf(error));
    throw problem === undefined ? error : new PortError(port, problem);
  }
  const inFlight = new Set<Promise<void>>();
  return {
    origin: `http://${LOOPBACK}:${boundPort(server)}`,
    serve: (handler) => {
      server.on('request', (request: IncomingMessage, response: ServerResponse) => {
        const unwatch = closeWithConnection(request, response);
        const work = runHandler(handler, request, response);
        inFlight.add(work);
        void work.finally(() => {
          unwatch();
          inFlight.delete(work);
        });
      });
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await Promise.all(inFlight);
    },
  };
}

function boundPort(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

async function runHandler(
  handler: RequestHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (!isLoopbackHost(request.headers.host)) {
      refuse(response, 403, 'The Host header is not loopback.');
      return;
    }
    await handler(request, response);
  } catch (error) {
    // A client that has left cannot be told; that alone makes most handlers fail.
    if (response.destroyed) return;
    if (response.headersSent) {
      response.destroy();
      return;
    }
    refuse(response, 500, error instanceof Error ? error.message : 'Unknown error');
  }
}

/** Node does not tell a response that waits behind another one on its connection when that is gone. */
function closeWithConnection({ socket }: IncomingMessage, response: ServerResponse): () => void {
  const close = () => {
    if (response.socket !== null || response.closed) return;
    response.destroy();
    response.emit('close');
  };
  socket.once('close', close);
  return () => socket.off('close', close);
}

/** Keeps web pages out that point a name of their own at loopback. */
function isLoopbackHost(host: string | undefined): boolean {
  return LOOPBACK_NAMES.has((host ?? '').toLowerCase().replace(/:\d+$/, ''));
}

function refuse(response: ServerResponse, status: number, detail: string): void {
  const body = JSON.stringify({ type: 'about:blank', title: 'Error', status, detail });
  response.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(body);
}
