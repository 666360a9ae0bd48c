import type { Config } from './config.ts';
import { accountFingerprint } from './geopera/account_fingerprint.ts';
import { createGeoperaClient } from './geopera/client.ts';
import { createScopeCheck } from './geopera/scopes.ts';
import { createTransferJobs } from './jobs/transfer_jobs.ts';
import type { Log } from './log.ts';
import type { ServerContext } from './server_context.ts';
import { downloadsFolder, uploadsFolder } from './state_folder.ts';
import { type Clock, createTransferEngine, type TransferEngine } from './transfer/engine.ts';
import { type Connections, createConnections } from './transfer/http/undici_agents.ts';
import type { RemoteAccess } from './transfer/sources/remote_access.ts';
import type { WorkflowContext } from './workflows/context.ts';
import { OpenLinks } from './workflows/open_links.ts';
import { noSessionJournal, type SessionJournal } from './workflows/session_journal.ts';
import type { SessionAccount } from './workflows/session_record.ts';
import { createTransferMethods, type TransferMethods } from './workflows/transfer_method.ts';

/** The account that calls are made for. */
export interface Account {
  readonly apiUrl: string;
  readonly token: string | undefined;
  readonly sandboxProjectId?: string | undefined;
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

/** What all callers of one process share. */
export interface ProcessWorld {
  readonly config: Config;
  readonly log: Log;
  readonly engine: TransferEngine;
  /** By which calls wait. */
  readonly clock: Clock;
  readonly transferMethods: TransferMethods;
  readonly links: OpenLinks;
  /** By which URLs that a caller names are fetched; none are if absent. */
  readonly remote?: RemoteAccess | undefined;
  /** Connections to the API. */
  readonly connections: Connections;
}

/** Opens nothing yet. */
export function createProcessWorld(
  config: Config,
  log: Log,
  engine: TransferEngine = createTransferEngine(),
  clock: Clock = engine.clock,
): ProcessWorld {
  return {
    config,
    log,
    engine,
    clock,
    transferMethods: createTransferMethods(config.transferMethod),
    links: new OpenLinks(clock),
    connections: createConnections(engine.limits.connectMs),
  };
}

/** For whom workflows act, and where they note what they have open. */
export interface ActingAccount {
  readonly apiUrl: string;
  /** Asked at each request. */
  token(): string | undefined;
  /** What the token may do, where that is known. */
  readonly scopes: readonly string[];
  readonly sessions: SessionJournal;
  /** Where there are several, who leave each other room for their transfers. */
  readonly owner?: string | undefined;
}

/** What the workflows of one account work with. Cheap: there may be one for each request. */
export function workflowContext(world: ProcessWorld, acting: ActingAccount): WorkflowContext {
  const { config, log, engine, transferMethods, links, connections } = world;
  const geopera = createGeoperaClient({
    apiUrl: acting.apiUrl,
    token: acting.token,
    dispatcher: () => connections.open('shared'),
    wait: engine.clock.wait,
    now: engine.clock.now,
  });
  return {
    geopera,
    scopes: createScopeCheck({
      configured: acting.scopes,
      token: acting.token(),
      client: geopera,
    }),
    ...moversFor(acting.owner, world),
    transferMethods,
    parallelFiles: config.parallelFiles,
    sessions: acting.sessions,
    links,
    downloadJournals: config.stateDir && downloadsFolder(config.stateDir),
    log,
  };
}

/** By which bytes are moved for an owner, or for the only one there is. */
function moversFor(
  owner: string | undefined,
  { engine, remote }: ProcessWorld,
): Pick<WorkflowContext, 'engine' | 'remote'> {
  if (owner === undefined) return { engine, remote };
  return {
    engine: engine.forOwner(owner),
    remote: remote && { ...remote, engine: remote.engine.forOwner(owner) },
  };
}

/** What a server works with whose client is the one account's own. Does no I/O. */
export function createServerContext(
  config: Config,
  account: Account,
  log: Log,
  engine?: TransferEngine,
  clock?: Clock,
): ServerContext {
  const world = createProcessWorld(config, log, engine, clock);
  const context = workflowContext(world, {
    apiUrl: account.apiUrl,
    token: () => account.token,
    scopes: config.scopes,
    sessions: lateSessionJournal(sessionPlace(config, account), log),
  });
  const caller = { owner: 'stdio', context };
  return {
    jobs: createTransferJobs(world.clock),
    // There is one client, and all transfers are its own.
    caller: () => caller,
    clock: world.clock,
    allowDirs: config.allowDirs,
    workingDirectory: process.cwd(),
    log,
    access: 'paths',
    confirm: config.confirm,
    sandboxProjectId: account.sandboxProjectId,
  };
}

/** The journal is loaded with the first upload. */
export function lateSessionJournal(place: SessionPlace | undefined, log: Log): SessionJournal {
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
