import { mkdir } from 'node:fs/promises';
import { route } from './api.ts';
import type { SandboxContext } from './context.ts';
import { FaultQueue } from './fault_queue.ts';
import { type Fault, faultSchema } from './faults.ts';
import { lockFolder } from './folder_lock.ts';
import { listen } from './http_server.ts';
import { initialState } from './initial_state.ts';
import { KeptAnswers } from './kept_answers.ts';
import { ObjectStore } from './object_store.ts';
import { issueToken } from './principals.ts';
import { type Settings, settingsSchema } from './settings.ts';
import { UrlSigner } from './signed_urls.ts';
import { reportState, type SandboxState } from './state_report.ts';
import { StateStore } from './state_store.ts';

export type { Fault } from './faults.ts';

export interface SandboxOptions {
  /** Folder for state and objects; made if absent. One running sandbox a folder. */
  readonly dataDir: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Storage quota; 10 GiB if absent. */
  readonly quotaBytes?: number;
  /** Credits that the organization has before it buys or spends any; 50,000 (A$500) if absent. */
  readonly openingCredits?: number;
  /** A download that would pass this many bytes in all is answered 429; no limit if absent. */
  readonly egressBytes?: number;
  /** Life of a signed URL; 900 if absent. */
  readonly urlLifetimeSeconds?: number;
  /** How storage refuses an expired URL: 400 as Google Cloud Storage does, 403 as the guide says. */
  readonly expiredStatus?: 400 | 403;
  /** What `uploads.initiate` takes as `transfer_method`; another answers 422. All if absent. */
  readonly transferMethods?: readonly string[];
  /** How `clip.job.download` answers; the documents disagree. `json` if absent. */
  readonly clipDownload?: 'json' | 'redirect' | 'bytes';
  /** How many looks take a clip job, an order or a run from its first state to its last; 2 if absent. */
  readonly clipSteps?: number;
  /** Whether `items.asset.download` takes asset keys too (the default) or record ids alone. */
  readonly assetIds?: 'key' | 'record';
  /** Clock for signing and expiry. */
  readonly now?: () => Date;
}

interface TokenOptions {
  readonly scopes: readonly string[];
  /** Role on the project; `admin` if absent. */
  readonly role?: 'viewer' | 'editor' | 'admin';
  /** Whether userinfo shows the scopes; false if absent, as for a session token. */
  readonly showScopes?: boolean;
}

/** A running sandbox: an embedded Geopera API with its object storage, on loopback. */
export interface Sandbox {
  /** Base URL of the API and of the storage. */
  readonly url: string;
  /** The main token: every scope, admin role. */
  readonly token: string;
  readonly projectId: string;
  issueToken(options: TokenOptions): string;
  /** @throws ZodError if the fault is not one */
  inject(fault: Fault): void;
  readonly state: () => SandboxState;
  /** Ends open connections, finishes writing the state and gives the folder free. */
  close(): Promise<void>;
}

/**
 * Starts a sandbox, with the state that an earlier one left in the same folder.
 *
 * @throws ZodError for an option out of bounds or a damaged state file; FolderInUseError; PortError
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const settings = settingsSchema.parse(options);
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const unlock = await lockFolder(options.dataDir);
  try {
    const sandbox = await serve(options, settings);
    return { ...sandbox, close: () => sandbox.close().finally(unlock) };
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function serve({ dataDir, port = 0 }: SandboxOptions, settings: Settings): Promise<Sandbox> {
  const store = await StateStore.open(dataDir, initialState);
  const { state } = store;
  const objects = await ObjectStore.open(dataDir, state);
  const server = await listen(port);
  const signer = new UrlSigner(state.signing_key, server.origin);
  const context: SandboxContext = {
    settings,
    store,
    objects,
    signer,
    faults: new FaultQueue(faultSchema),
    keptAnswers: new KeptAnswers(store, settings.now),
  };
  server.serve((request, response) => route(context, request, response));
  const [main] = state.principals;
  const [project] = state.projects;
  return {
    url: server.origin,
    token: main.token,
    projectId: project.id,
    issueToken: (wanted) => issueToken(state, wanted).token,
    inject: (fault) => context.faults.inject(fault),
    state: () => reportState(context),
    close: async () => {
      await server.close();
      await store.save();
    },
  };
}
