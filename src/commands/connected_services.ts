import type { Config } from '../config.ts';
import type { ConnectedService, ServiceWiring } from '../connectors/connected_service.ts';
import { geolensService } from '../connectors/geolens/geolens_service.ts';
import { opteryxService } from '../connectors/opteryx/opteryx_service.ts';
import { lateStagingJournal } from '../connectors/staging/late_staging_journal.ts';
import { recoverStagedUploads } from '../connectors/staging/recover_staged_uploads.ts';
import { noStagingJournal } from '../connectors/staging_journal.ts';
import type { Log } from '../log.ts';
import { hasGeolens, hasOpteryx } from '../settings/configured_services.ts';
import { servicesFolder } from '../state_folder.ts';
import { geolensTools } from '../tools/geolens/geolens_tools.ts';
import { opteryxTools } from '../tools/opteryx/opteryx_tools.ts';
import type { Tool } from '../tools/tool.ts';
import { DEFAULT_LIMITS, type TransferEngine } from '../transfer/engine.ts';
import { createConnections } from '../transfer/http/undici_agents.ts';
import type { RecoveryRounds } from '../transfer/records/recovery_rounds.ts';

/** The services beside Geopera that this server reaches. */
export interface ConnectedServices {
  readonly services: readonly ConnectedService[];
  readonly tools: readonly Tool[];
  /** Cleans up, beside the calls, what earlier servers left at them; undefined where nothing is noted. */
  recover(engine: TransferEngine): RecoveryRounds | undefined;
}

/** Opens no connection yet. */
export function connectServices(config: Config, log: Log): ConnectedServices {
  const connections = createConnections(DEFAULT_LIMITS.connectMs);
  const { stateDir } = config;
  const folder = stateDir === undefined ? undefined : servicesFolder(stateDir);
  const wiring: ServiceWiring = {
    dispatcher: () => connections.open('shared'),
    journal: (access, account) =>
      folder === undefined
        ? noStagingJournal
        : lateStagingJournal({ folder, log }, access, account),
    now: Date.now,
  };
  const connected = [...opteryx(config, wiring), ...geolens(config, wiring)];
  const services = connected.map(({ service }) => service);
  return {
    services,
    tools: connected.flatMap(({ tools }) => tools),
    recover: (engine) =>
      folder === undefined ? undefined : recoverStagedUploads({ folder, services, engine, log }),
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
