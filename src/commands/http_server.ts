import type { Config } from '../config.ts';
import {
  type Account,
  createProcessWorld,
  lateSessionJournal,
  type ProcessWorld,
  sessionPlace,
} from '../context.ts';
import { realmIssuer } from '../geopera/realm.ts';
import { geoperaOffer } from '../geopera_offer.ts';
import { watchOwners } from '../jobs/owner_presence.ts';
import { createTransferJobs } from '../jobs/transfer_jobs.ts';
import type { TransferObserver } from '../jobs/transfer_observer.ts';
import type { Log } from '../log.ts';
import { meterSessions } from '../metrics/metered_sessions.ts';
import { createServerMetrics } from '../metrics/server_metrics.ts';
import type { Offer } from '../offer.ts';
import { catalogue } from '../operations/catalogue.ts';
import { shutDown } from '../protocol/running_requests.ts';
import { serverBuilder } from '../server.ts';
import type { ServerContext } from '../server_context.ts';
import type { FileAccess } from '../tools/file_access.ts';
import type { ToolAnswer } from '../tools/tool.ts';
import { resourceMetadataUrl } from '../transports/http/auth/resource_metadata.ts';
import { MemoryEvents } from '../transports/http/events/memory_events.ts';
import { createHostGate } from '../transports/http/gates/host_gate.ts';
import { createOriginGate } from '../transports/http/gates/origin_gate.ts';
import { createRateGate } from '../transports/http/gates/rate_gate.ts';
import { MCP_PATH, startHttpService } from '../transports/http/http_service.ts';
import { type Authenticator, McpGate } from '../transports/http/mcp_gate.ts';
import type { McpEndpoint } from '../transports/http/mcp_request.ts';
import { RequestCallers } from '../transports/http/request_callers.ts';
import { StatefulEndpoint } from '../transports/http/stateful_endpoint.ts';
import { StatelessEndpoint } from '../transports/http/stateless_endpoint.ts';
import { type CrashedSessionRequest, releaseCrashedSession } from '../workflows/crashed_session.ts';
import { releaseLeftSessions } from '../workflows/recovery.ts';
import { type CallersOptions, ownTokens, sharedIdentity } from './http_callers.ts';
import { drainWithin, RunningTransfers } from './http_drain.ts';
import { LeftSessions, type LeftSessionsOptions } from './http_left_sessions.ts';
import { httpPages, urlAsAsked } from './http_pages.ts';

export interface HttpServer {
  /** Where the protocol is served, as this machine reaches it. */
  readonly url: string;
  /** Stops within the configured time: transfers finish by then, or are failed and released. */
  drain(): Promise<void>;
}

/** What a test may put in the place of the product's own. */
export interface HttpServerParts {
  readonly world?: ProcessWorld;
  readonly offer?: Offer;
}

/**
 * Wires all that serves the protocol over HTTP, and listens.
 *
 * @throws ListenError, InvalidHost, InvalidOrigin
 */
export async function openHttpServer(
  given: Config,
  account: Account,
  log: Log,
  parts: HttpServerParts = {},
): Promise<HttpServer> {
  // Of a sandbox that ends with this process, nothing is left to go on with or to release.
  const config = account.lastingName === undefined ? { ...given, stateDir: undefined } : given;
  const { world = createProcessWorld(config, log) } = parts;
  const { clock } = world;
  const access = fileAccess(config);
  const { sandboxProjectId } = account;
  const { offer = geoperaOffer(access, { sandboxProjectId }) } = parts;
  const transfers = new RunningTransfers();
  const metrics = createServerMetrics({
    tools: offer.tools.listings.map(({ name }) => name),
    routes: [MCP_PATH, '/healthz', '/readyz', '/metrics'],
    openSessions: () => endpoint.sessions,
  });
  const jobs = createTransferJobs<ToolAnswer>(clock, {
    observer: both(transfers, metrics.transfers),
  });
  const callers = new RequestCallers();
  const context: ServerContext = {
    jobs,
    caller: (authInfo) => callers.callerOf(authInfo),
    clock,
    allowDirs: config.allowDirs,
    workingDirectory: process.cwd(),
    log,
    meter: metrics,
    access,
    sandboxProjectId,
  };
  const endpoint = openEndpoint(config, offer, context, callers);
  const left = new LeftSessions({ sweep: sweepIn(config, account, log), clock, log });
  const presence = watchOwners({ clock, goneAfterMs: config.ownerGoneSeconds * 1000, jobs });
  const callersOptions: CallersOptions = {
    world,
    account,
    journal: (token) =>
      meterSessions(
        lateSessionJournal(sessionPlace(config, { ...account, token }), log),
        metrics.reservations,
      ),
    visited: (principal, token, acting) => left.visit(principal, token, acting),
  };
  const mcp = new McpGate({
    endpoint,
    authenticator: authenticator(config, account, callersOptions),
    rate: createRateGate({ perMinute: config.rateLimit }),
    presence,
  });
  let draining = false;
  const service = await startHttpService(
    { host: config.host, port: config.httpPort },
    {
      hosts: createHostGate([...config.allowHosts, ...publicHost(config)]),
      origins: createOriginGate(config.allowOrigins),
      mcp,
      pages: httpPages({
        metrics,
        notReady: async () => (draining ? 'draining' : undefined),
        resource: asksForTokens(config)
          ? { issuer: realmIssuer(account.apiUrl), operations: catalogue }
          : undefined,
        publicUrl: config.publicUrl,
      }),
      meter: metrics,
      log,
    },
  );
  return {
    url: `${service.origin}${MCP_PATH}`,
    async drain() {
      draining = true;
      mcp.drain();
      presence.close();
      const drained = await drainWithin({
        seconds: config.drainSeconds,
        finished: () => Promise.all([transfers.none(), mcp.allAnswered()]),
        async stop() {
          await Promise.all([jobs.cancelAll(shutDown), world.links.close(), left.stop()]);
          await mcp.allAnswered();
        },
        clock,
      });
      if (!drained) log.error({}, 'gave up waiting for transfers and calls to end');
      await endpoint.close();
      service.closeAllConnections();
      await service.close();
    },
  };
}

function openEndpoint(
  config: Config,
  offer: Offer,
  context: ServerContext,
  callers: RequestCallers,
): McpEndpoint {
  if (config.stateless) {
    return new StatelessEndpoint({ build: serverBuilder(offer, context, 'none'), callers });
  }
  return new StatefulEndpoint({
    build: serverBuilder(offer, context),
    callers,
    events: (sessionId) => new MemoryEvents(sessionId),
    most: config.maxSessions,
    idleMs: config.sessionIdleSeconds * 1000,
    clock: context.clock,
  });
}

/** Paths of this machine mean nothing to a client elsewhere, unless its operator says that they do. */
function fileAccess({ allowDirs }: Config): FileAccess {
  return allowDirs.length > 0 ? 'both' : 'links';
}

function asksForTokens({ sandbox, tokenFromEnv }: Config): boolean {
  return !sandbox && !tokenFromEnv;
}

function authenticator(config: Config, account: Account, options: CallersOptions): Authenticator {
  if (!asksForTokens(config) && account.token !== undefined) {
    return sharedIdentity(account.token, options);
  }
  const { publicUrl } = config;
  return ownTokens({
    ...options,
    resourceMetadataUrl: (request) => resourceMetadataUrl(publicUrl ?? urlAsAsked(request)),
  });
}

function publicHost({ publicUrl }: Config): readonly string[] {
  return publicUrl === undefined ? [] : [new URL(publicUrl).host];
}

function sweepIn(config: Config, account: Account, log: Log): LeftSessionsOptions['sweep'] {
  return async (token, context, signal) => {
    const place = sessionPlace(config, { ...account, token });
    if (place === undefined) return;
    const release = (request: CrashedSessionRequest) => releaseCrashedSession(request, context);
    const { folder, account: owner } = place;
    await releaseLeftSessions({ folder, account: owner(), release, log, signal });
  };
}

function both(one: TransferObserver, other: TransferObserver): TransferObserver {
  return {
    started(kind) {
      one.started?.(kind);
      other.started?.(kind);
    },
    moved(kind, bytes) {
      one.moved?.(kind, bytes);
      other.moved?.(kind, bytes);
    },
    ended(kind, state) {
      one.ended?.(kind, state);
      other.ended?.(kind, state);
    },
  };
}
