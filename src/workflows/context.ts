import type { GeoperaClient } from '../geopera/client.ts';
import type { ScopeCheck } from '../geopera/scopes.ts';
import type { TransferEngine } from '../transfer/engine.ts';
import type { TransferMethods } from './transfer_method.ts';

/** What every workflow works with; built once a process, see `context.ts` above this folder. */
export interface WorkflowContext {
  readonly geopera: GeoperaClient;
  readonly scopes: ScopeCheck;
  readonly engine: TransferEngine;
  readonly transferMethods: TransferMethods;
  /** Files of one upload session that are sent at the same time. */
  readonly parallelFiles: number;
  readonly log: WorkflowLog;
}

/** Facts first, words second, as structured loggers have it. */
export interface WorkflowLog {
  warn(facts: Readonly<Record<string, unknown>>, message: string): void;
  error(facts: Readonly<Record<string, unknown>>, message: string): void;
}

/** How far an act has come, for whoever listens. */
export interface Progress {
  /** Bytes done so far; never falls. */
  readonly done: number;
  /** Bytes in all, where known. */
  readonly total?: number | undefined;
  readonly message: string;
}

/** One running act: how it is stopped and who hears of it. */
export interface Act {
  readonly signal: AbortSignal;
  onProgress(progress: Progress): void;
}
