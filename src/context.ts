import type { Config } from './config.ts';
import { createGeoperaClient } from './geopera/client.ts';
import { createScopeCheck } from './geopera/scopes.ts';
import { createTransferJobs } from './jobs/transfer_jobs.ts';
import type { Log } from './log.ts';
import type { ServerContext } from './server.ts';
import { createConnections } from './transfer/connections.ts';
import { type Clock, createTransferEngine, type TransferEngine } from './transfer/engine.ts';
import { createTransferMethods } from './workflows/transfer_method.ts';

/** The account that calls are made for. */
export interface Account {
  readonly apiUrl: string;
  readonly token: string | undefined;
  readonly sandboxProjectId?: string;
}

/** Builds what every call works with, from the configuration. Does no I/O. */
export function createServerContext(
  config: Config,
  account: Account,
  log: Log,
  engine: TransferEngine = createTransferEngine(),
  clock: Clock = engine.clock,
): ServerContext {
  const connections = createConnections(engine.limits.connectMs);
  const geopera = createGeoperaClient({
    apiUrl: account.apiUrl,
    token: account.token,
    dispatcher: () => connections.open('shared'),
    wait: engine.clock.wait,
    now: engine.clock.now,
  });
  return {
    workflows: {
      geopera,
      scopes: createScopeCheck({
        configured: config.scopes,
        token: account.token,
        client: geopera,
      }),
      engine,
      transferMethods: createTransferMethods(config.transferMethod),
      parallelFiles: config.parallelFiles,
      log,
    },
    jobs: createTransferJobs(clock),
    // Over stdio there is one client, and all transfers are its own.
    owner: 'stdio',
    clock,
    allowDirs: config.allowDirs,
    workingDirectory: process.cwd(),
    log,
    ...(account.sandboxProjectId === undefined
      ? {}
      : { sandboxProjectId: account.sandboxProjectId }),
  };
}
