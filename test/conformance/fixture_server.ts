import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  type EventStore,
  StreamableHTTPServerTransport,
} from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { configSchema } from '../../src/config.ts';
import { createServerContext } from '../../src/context.ts';
import { createLog } from '../../src/log.ts';
import { buildServer } from '../../src/server.ts';
import { fixtureOffer } from './fixture_offer.ts';

export interface FixtureServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the fixtures over HTTP, with sessions and resumable streams. */
export async function startFixtureServer(): Promise<FixtureServer> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const http = createServer((request, response) => void answer(sessions, request, response));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    async close() {
      await Promise.all([...sessions.values()].map((transport) => transport.close()));
      http.close();
      http.closeAllConnections();
    },
  };
}

async function answer(
  sessions: Map<string, StreamableHTTPServerTransport>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!request.headers.host?.startsWith('127.0.0.1:')) {
    response.writeHead(403).end();
    return;
  }
  const id = request.headers['mcp-session-id'];
  const transport = id === undefined ? await newSession(sessions) : sessions.get(String(id));
  if (transport === undefined) {
    response.writeHead(404).end();
    return;
  }
  await transport.handleRequest(request, response);
}

async function newSession(
  sessions: Map<string, StreamableHTTPServerTransport>,
): Promise<StreamableHTTPServerTransport> {
  const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore: keptEvents(),
    retryInterval: 100,
    onsessioninitialized: (id) => {
      sessions.set(id, transport);
    },
    onsessionclosed: (id) => {
      sessions.delete(id);
    },
  });
  const account = { apiUrl: 'http://127.0.0.1:9', token: undefined };
  const context = createServerContext(configSchema.parse({}), account, createLog('error'));
  await buildServer(fixtureOffer, context).server.connect(transport);
  return transport;
}

function keptEvents(): EventStore {
  const kept: { id: string; stream: string; message: Parameters<EventStore['storeEvent']>[1] }[] =
    [];
  return {
    async storeEvent(stream, message) {
      const id = String(kept.length);
      kept.push({ id, stream, message });
      return id;
    },
    async replayEventsAfter(lastId, { send }) {
      const stream = kept[Number(lastId)]?.stream ?? '';
      for (const event of kept.slice(Number(lastId) + 1)) {
        if (event.stream === stream) await send(event.id, event.message);
      }
      return stream;
    },
  };
}
