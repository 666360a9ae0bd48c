import type { Config } from '../config.ts';
import type { ConnectedService, ServiceWiring } from '../connectors/connected_service.ts';
import { geolensService } from '../connectors/geolens/geolens_service.ts';
import { opteryxService } from '../connectors/opteryx/opteryx_service.ts';
import { noStagingJournal } from '../connectors/staging_journal.ts';
import type { Log } from '../log.ts';
import { geolensTools } from '../tools/geolens/geolens_tools.ts';
import { opteryxTools } from '../tools/opteryx/opteryx_tools.ts';
import type { Tool } from '../tools/tool.ts';
import { DEFAULT_LIMITS } from '../transfer/engine.ts';
import { createConnections } from '../transfer/http/undici_agents.ts';
import { hasGeolens, hasOpteryx } from './services.ts';

/** The services beside Geopera that this server reaches. */
export interface ConnectedServices {
  readonly services: readonly ConnectedService[];
  readonly tools: readonly Tool[];
}

/** Opens no connection yet. */
export function connectServices(config: Config, _log: Log): ConnectedServices {
  const connections = createConnections(DEFAULT_LIMITS.connectMs);
  const wiring: ServiceWiring = {
    dispatcher: () => connections.open('shared'),
    journal: () => noStagingJournal,
    now: Date.now,
  };
  const connected = [...opteryx(config, wiring), ...geolens(config, wiring)];
  return {
    services: connected.map(({ service }) => service),
    tools: connected.flatMap(({ tools }) => tools),
  };
}

function opteryx(config: Config, wiring: ServiceWiring) {
  if (!hasOpteryx(config)) return [];
  const service = opteryxService(
    {
      uploadUrl: config.opteryxUploadUrl,
      authUrl: config.opteryxAuthUrl,
      clientId: config.opteryxClientId,
      clientSecret: config.opteryxClientSecret,
      token: config.opteryxToken,
      api: config.opteryxApi,
    },
    wiring,
  );
  return [{ service, tools: opteryxTools(service) }];
}

function geolens(config: Config, wiring: ServiceWiring) {
  const { geolensInstance: instance, geolensApiKey: apiKey, geolensToken: token } = config;
  if (instance === undefined || !hasGeolens(config)) return [];
  const service = geolensService({ instance, apiKey, token }, wiring);
  return [{ service, tools: geolensTools(service) }];
}
