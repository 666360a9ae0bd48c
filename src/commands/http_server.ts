import type { Config } from '../config.ts';
import { type Account, createProcessWorld, type ProcessWorld } from '../context.ts';
import { realmIssuer } from '../geopera/realm.ts';
import { watchOwners } from '../jobs/owner_presence.ts';
import { observersOf } from '../jobs/transfer_observer.ts';
import type { Log } from '../log.ts';
import { meterSessions } from '../metrics/metered_sessions.ts';
import { createServerMetrics } from '../metrics/server_metrics.ts';
import type { Offer } from '../offer.ts';
import { catalogue } from '../operations/catalogue.ts';
import { shutDown } from '../protocol/running_requests.ts';
import { serverBuilder } from '../server.ts';
import type { ServerContext } from '../server_context.ts';
import { hasGeolens, hasOpteryx } from '../settings/configured_services.ts';
import type { FileAccess } from '../tools/file_access.ts';
import { resourceMetadataUrl } from '../transports/http/auth/resource_metadata.ts';
import { createHostGate } from '../transports/http/gates/host_gate.ts';
import { createOriginGate } from '../transports/http/gates/origin_gate.ts';
import { createRateGate } from '../transports/http/gates/rate_gate.ts';
import { MCP_PATH, startHttpService } from '../transports/http/http_service.ts';
import { type Authenticator, McpGate } from '../transports/http/mcp_gate.ts';
import type { McpEndpoint } from '../transports/http/mcp_request.ts';
import { RequestCallers } from '../transports/http/request_callers.ts';
import { StatefulEndpoint } from '../transports/http/stateful_endpoint.ts';
import { StatelessEndpoint } from '../transports/http/stateless_endpoint.ts';
import { type CallersOptions, ownTokens, sharedIdentity } from './http_callers.ts';
import { drainWithin, RunningTransfers } from './http_drain.ts';
import type { Kept } from './http_kept.ts';
import { keptHere } from './http_kept_here.ts';
import { keptInRedis } from './http_kept_in_redis.ts';
import { LeftSessions } from './http_left_sessions.ts';
import { httpPages, urlAsAsked } from './http_pages.ts';
import { remoteAccess } from './http_remote_access.ts';
import { type OfferedOptions, offeredBy } from './offered.ts';
import { openServices } from './services.ts';

/** One principal has at most this share of all sessions. */
const SHARE_OF_ONE = 0.1;

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
  const world = {
    remote: remoteAccess(config),
    ...(parts.world ?? createProcessWorld(config, log)),
  };
  const { clock } = world;
  const access = fileAccess(config);
  const { sandboxProjectId } = account;
  const services = await servicesFor(given, access, log);
  const offered: OfferedOptions = {
    access,
    services: services?.tools,
    sandboxProjectId,
    confirmationKey: () => kept.confirmationKey(),
    consentRecords: () => kept.consent,
    now: clock.now,
  };
  const { offer = offeredBy(config, offered) } = parts;
  const transfers = new RunningTransfers();
  const metrics = createServerMetrics({
    tools: offer.tools.listings.map(({ name }) => name),
    routes: [MCP_PATH, '/healthz', '/readyz', '/metrics'],
    openSessions: () => endpoint.sessions,
  });
  const observed = {
    observer: observersOf(transfers, metrics.transfers),
    onLost: (owner: string) => left.lookAgain(owner),
  };
  const kept =
    config.redis === undefined
      ? keptHere(config, account, world, observed)
      : await keptInRedis(config.redis, config, account, world, observed);
  if (kept.links !== undefined) world.links.shareWith(kept.links);
  const { jobs } = kept;
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
    confirm: config.confirm,
    sandboxProjectId,
  };
  const endpoint = openEndpoint(config, offer, context, callers, kept);
  const staged = services?.recover(world.engine);
  const left = new LeftSessions({ sweep: kept.sweep, clock, log });
  const presence = watchOwners({
    clock,
    goneAfterMs: config.ownerGoneSeconds * 1000,
    jobs,
    ...(kept.presence && { shared: kept.presence }),
  });
  const callersOptions: CallersOptions = {
    world,
    account,
    journal: (token) => meterSessions(kept.journal(token), metrics.reservations),
    visited: (principal, token, acting) => left.visit(principal, token, acting),
  };
  const mcp = new McpGate({
    endpoint,
    authenticator: authenticator(config, account, callersOptions),
    rate: createRateGate({ perMinute: config.rateLimit, store: kept.rates }),
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
        notReady: () => whyNotReady(draining, kept),
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
        async finished() {
          // First: a call that is under way may yet begin a transfer.
          await mcp.allAnswered();
          await transfers.none();
        },
        async stop() {
          await Promise.all([
            jobs.cancelAll(shutDown),
            world.links.close(),
            left.stop(),
            staged?.stop(),
          ]);
          await mcp.allAnswered();
          // Those that the last calls began meanwhile.
          await jobs.cancelAll(shutDown);
        },
        clock,
      });
      if (!drained) log.error({}, 'gave up waiting for transfers and calls to end');
      await endpoint.close();
      service.closeAllConnections();
      await service.close();
      await kept.close();
      await world.remote?.engine.close();
    },
  };
}

function openEndpoint(
  config: Config,
  offer: Offer,
  context: ServerContext,
  callers: RequestCallers,
  { events, records }: Kept,
): McpEndpoint {
  if (config.stateless) {
    return new StatelessEndpoint({ build: serverBuilder(offer, context, 'none'), callers });
  }
  return new StatefulEndpoint({
    build: serverBuilder(offer, context),
    callers,
    events,
    records,
    most: config.maxSessions,
    mostOfOne: mostSessionsOfOne(config),
    idleMs: config.sessionIdleSeconds * 1000,
    clock: context.clock,
  });
}

/** Where all share one identity, they share all sessions too. */
function mostSessionsOfOne(config: Config): number {
  if (!asksForTokens(config)) return config.maxSessions;
  return Math.max(1, Math.floor(config.maxSessions * SHARE_OF_ONE));
}

/** Paths of this machine mean nothing to a client elsewhere, unless its operator says that they do. */
function fileAccess({ allowDirs }: Config): FileAccess {
  return allowDirs.length > 0 ? 'both' : 'links';
}

/** Their credentials are the operator's: nobody else may act with them, nor name files without a folder. */
async function servicesFor(config: Config, access: FileAccess, log: Log) {
  const isOneIdentity = !asksForTokens(config) && !config.anonymous;
  if (isOneIdentity && access !== 'links') return openServices(config, log);
  if (hasOpteryx(config) || hasGeolens(config)) {
    log.warn(
      {},
      'no tools for Opteryx and GeoLens: over HTTP they need --allow-dir, and --token-from-env',
    );
  }
  return undefined;
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

async function whyNotReady(draining: boolean, kept: Kept): Promise<string | undefined> {
  if (draining) return 'draining';
  return kept.check().then(
    () => undefined,
    () => 'Redis cannot be reached',
  );
}
