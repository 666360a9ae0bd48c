import type { Act } from '../transfer/act.ts';
import type { Cancelled } from '../transfer/cancelled.ts';

export type JobState = 'running' | 'completed' | 'failed' | 'cancelled';

/** What is to be done, for whom, and how the same thing is known again. */
export interface JobRequest<Result> {
  /** Who may see it. */
  readonly owner: string;
  /** Two requests of one owner with the same key ask for the same thing. */
  readonly key: string;
  readonly kind: 'upload' | 'download';
  /** What is moved, in words: a file name, or how many files. */
  readonly what: string;
  /** Where it is known before the first byte moves. */
  readonly bytesTotal?: number | undefined;
  run(act: Act): Promise<Result>;
  /** Of the bytes of a finished download, those that an earlier one had left. */
  resumedBytes?(result: Result): number;
  /** Told a turn after the end, when a call that waits has heard, in the process that ran it. */
  ended?(transfer: Transfer<Result>, outcome: Outcome<Result>): void | Promise<void>;
}

/** How a job ended. `cancelled` is a failure after somebody asked to stop it. */
export type Outcome<Result> =
  | { readonly state: 'completed'; readonly result: Result }
  | { readonly state: 'failed' | 'cancelled'; readonly error: unknown };

/** How far a job has come. */
export interface JobReport {
  readonly id: string;
  readonly kind: JobRequest<unknown>['kind'];
  readonly what: string;
  readonly state: JobState;
  /** What it is doing, in words. */
  readonly message: string;
  readonly bytesDone: number;
  readonly bytesTotal: number | undefined;
  /** While it runs, once there is a measurement. */
  readonly bytesPerSecond: number | undefined;
  /** Seconds, where total and pace are known. */
  readonly etaSeconds: number | undefined;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number | undefined;
}

/** A transfer as those who ask for it see it, wherever it runs. */
export interface Transfer<Result> {
  readonly id: string;
  readonly owner: string;
  /** The outcome, once there is one. */
  readonly outcome: Outcome<Result> | undefined;
  /** True until it has an outcome or was asked to stop. */
  readonly goesOn: boolean;
  /** True if somebody was given the outcome. */
  readonly heard: boolean;
  /** To be called by whoever gives the outcome on. */
  hear(): void;
  report(): JobReport;
  /** Calls back after each step until the answered function is called. */
  onProgress(listener: () => void): () => void;
  /**
   * The outcome, or `undefined` if there is none within `ms`. Rejects with the signal's reason; the
   * job goes on.
   */
  wait(ms: number, signal: AbortSignal): Promise<Outcome<Result> | undefined>;
  /** Asks it to stop and resolves with its outcome once it has cleaned up after itself. */
  cancel(reason: Cancelled): Promise<Outcome<Result>>;
  /** As `cancel`, unless somebody waits for it: then it goes on, and the answer is `undefined`. */
  abandon(reason: Cancelled): Promise<Outcome<Result> | undefined>;
}
