import type { Offer } from '../../src/offer.ts';
import { type Memory, serverBuilder } from '../../src/server.ts';
import type { ServerContext } from '../../src/server_context.ts';
import { MemoryEvents } from '../../src/transports/http/events/memory_events.ts';
import { createHostGate } from '../../src/transports/http/gates/host_gate.ts';
import { createOriginGate } from '../../src/transports/http/gates/origin_gate.ts';
import { createRateGate } from '../../src/transports/http/gates/rate_gate.ts';
import { MCP_PATH, startHttpService } from '../../src/transports/http/http_service.ts';
import { McpGate } from '../../src/transports/http/mcp_gate.ts';
import type { McpEndpoint } from '../../src/transports/http/mcp_request.ts';
import { RequestCallers } from '../../src/transports/http/request_callers.ts';
import { StatefulEndpoint } from '../../src/transports/http/stateful_endpoint.ts';
import { StatelessEndpoint } from '../../src/transports/http/stateless_endpoint.ts';

export interface HttpInProcess {
  readonly url: string;
  /** Ends all sessions, and with them what runs in them. */
  endSessions(): Promise<void>;
  close(): Promise<void>;
}

/** Serves an offer over HTTP, as the command does, to everybody who asks: as the context's own caller. */
export async function serveHttpInProcess(
  offer: Offer,
  context: ServerContext,
  memory: Memory,
): Promise<HttpInProcess> {
  const callers = new RequestCallers();
  const build = serverBuilder(
    offer,
    { ...context, caller: (authInfo) => callers.callerOf(authInfo) },
    memory,
  );
  const { clock, log } = context;
  const endpoint: McpEndpoint =
    memory === 'none'
      ? new StatelessEndpoint({ build, callers })
      : new StatefulEndpoint({
          build,
          callers,
          events: (sessionId) => new MemoryEvents(sessionId),
          most: 1000,
          idleMs: 60_000,
          clock,
        });
  const mcp = new McpGate({
    endpoint,
    authenticator: {
      admit: async () => ({ principal: 'somebody', caller: context.caller(undefined) }),
    },
    rate: createRateGate({ perMinute: 0 }),
    presence: { hold: () => () => undefined },
  });
  const service = await startHttpService(
    { host: '127.0.0.1', port: 0 },
    {
      hosts: createHostGate([]),
      origins: createOriginGate([]),
      mcp,
      pages: new Map(),
      meter: { requestAnswered: () => undefined, requestRefused: () => undefined },
      log,
    },
  );
  return {
    url: `${service.origin}${MCP_PATH}`,
    endSessions: () => endpoint.close(),
    async close() {
      await endpoint.close();
      service.closeAllConnections();
      await service.close();
    },
  };
}
