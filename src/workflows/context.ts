import type { GeoperaClient } from '../geopera/client.ts';
import type { ScopeCheck } from '../geopera/scopes.ts';
import type { TransferEngine } from '../transfer/engine.ts';
import type { RemoteAccess } from '../transfer/sources/remote_access.ts';
import type { OpenLinks } from './open_links.ts';
import type { SessionJournal } from './session_journal.ts';
import type { TransferMethods } from './transfer_method.ts';

/** What every workflow works with; built once a process, see `context.ts` above this folder. */
export interface WorkflowContext {
  readonly geopera: GeoperaClient;
  readonly scopes: ScopeCheck;
  readonly engine: TransferEngine;
  /** By which URLs that a caller names are fetched; none are if absent. */
  readonly remote?: RemoteAccess | undefined;
  readonly transferMethods: TransferMethods;
  /** Files of one upload session that are sent at the same time. */
  readonly parallelFiles: number;
  /** Folder where downloads note what they have, to go on from there; none are kept if absent. */
  readonly downloadJournals?: string | undefined;
  /** Notes which upload sessions are open, for whoever comes after a crash. */
  readonly sessions: SessionJournal;
  /** The sessions whose files others send; the same for all callers of a process. */
  readonly links: OpenLinks;
  readonly log: WorkflowLog;
}

/** Facts first, words second, as structured loggers have it. */
export interface WorkflowLog {
  info(facts: Readonly<Record<string, unknown>>, message: string): void;
  warn(facts: Readonly<Record<string, unknown>>, message: string): void;
  error(facts: Readonly<Record<string, unknown>>, message: string): void;
}
