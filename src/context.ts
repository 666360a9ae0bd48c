import type { Config } from './config.ts';
import { accountFingerprint } from './geopera/account_fingerprint.ts';
import { createGeoperaClient } from './geopera/client.ts';
import { createScopeCheck } from './geopera/scopes.ts';
import { createTransferJobs } from './jobs/transfer_jobs.ts';
import type { Log } from './log.ts';
import type { ServerContext } from './server.ts';
import { downloadsFolder, uploadsFolder } from './state_folder.ts';
import { type Clock, createTransferEngine, type TransferEngine } from './transfer/engine.ts';
import { createConnections } from './transfer/http/undici_agents.ts';
import { noSessionJournal, type SessionJournal } from './workflows/session_journal.ts';
import type { SessionAccount } from './workflows/session_record.ts';
import { createTransferMethods } from './workflows/transfer_method.ts';

/** The account that calls are made for. */
export interface Account {
  readonly apiUrl: string;
  readonly token: string | undefined;
  readonly sandboxProjectId?: string;
  /** Names the API on disk, over restarts. Absent where none of its sessions can outlast this process. */
  readonly lastingName?: string | undefined;
}

/** Where records of upload sessions are, and whose. */
export interface SessionPlace {
  readonly folder: string;
  account(): SessionAccount;
}

/** @returns undefined if nothing is to be kept, or there is nowhere to keep it */
export function sessionPlace(config: Config, account: Account): SessionPlace | undefined {
  const { lastingName: api, token } = account;
  if (config.stateDir === undefined || api === undefined || token === undefined) return undefined;
  return {
    folder: uploadsFolder(config.stateDir),
    account: () => ({ api, fingerprint: accountFingerprint(token) }),
  };
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
    token: () => account.token,
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
      sessions: lateSessionJournal(sessionPlace(config, account), log),
      downloadJournals: config.stateDir && downloadsFolder(config.stateDir),
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

/** The journal is loaded with the first upload. */
function lateSessionJournal(place: SessionPlace | undefined, log: Log): SessionJournal {
  if (place === undefined) return noSessionJournal;
  const { folder, account } = place;
  let journal: Promise<SessionJournal> | undefined;
  async function load(): Promise<SessionJournal> {
    const { createSessionJournal } = await import('./workflows/journaled_sessions.ts');
    return createSessionJournal({ folder, account: account(), log });
  }
  return {
    async begin(session) {
      journal ??= load();
      return (await journal).begin(session);
    },
  };
}
