import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js';
import type { InstructionFacts } from './instructions.ts';
import type { TransferJobs } from './jobs/transfer_jobs.ts';
import type { Log } from './log.ts';
import type { Caller, ToolAnswer } from './tools/tool.ts';
import type { Clock } from './transfer/engine.ts';

/** A caller, as a transport knows it. */
export interface ConnectedCaller extends Caller {
  /** Aborts once nobody will read the answer; absent where the protocol itself tells that. */
  readonly left?: AbortSignal | undefined;
}

/** Counts calls. */
export interface CallMeter {
  /** @returns to be called once, with `ok` or the code of the error */
  callStarted(tool: string): (outcome: string) => void;
}

/** What a server of one client works with. Many may share it, but for `caller`. */
export interface ServerContext extends InstructionFacts {
  /** The transfers that go on beside the calls. */
  readonly jobs: TransferJobs<ToolAnswer>;
  /** Who asks, by what the transport found out of a request. */
  caller(authInfo: AuthInfo | undefined): ConnectedCaller;
  /** By which calls wait. */
  readonly clock: Clock;
  /** Folders that the operator allowed; empty if none was named. */
  readonly allowDirs: readonly string[];
  readonly workingDirectory: string;
  /** Hears of each call, to count it. */
  readonly meter?: CallMeter | undefined;
  readonly log: Log;
}
