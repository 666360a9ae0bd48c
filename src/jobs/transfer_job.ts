import { linkedAbort } from '../transfer/cancellable.ts';
import type { Cancelled } from '../transfer/cancelled.ts';
import type { Clock } from '../transfer/engine.ts';
import type { Act, Progress } from '../workflows/context.ts';
import { TransferRate } from './transfer_rate.ts';

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

/** One transfer that goes on whether or not anybody waits for it. */
export class TransferJob<Result> {
  readonly id: string;
  readonly owner: string;
  readonly key: string;
  /** Never rejects. */
  readonly settled: Promise<Outcome<Result>>;
  readonly #request: JobRequest<Result>;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #stop = new AbortController();
  readonly #rate = new TransferRate();
  readonly #listeners = new Set<() => void>();
  #progress: Progress;
  #outcome: Outcome<Result> | undefined;
  #endedAt: number | undefined;
  #heard = false;

  /** Starts at once. */
  constructor(id: string, request: JobRequest<Result>, clock: Clock) {
    this.id = id;
    this.owner = request.owner;
    this.key = request.key;
    this.#request = request;
    this.#clock = clock;
    this.#startedAt = clock.now();
    const verb = request.kind === 'upload' ? 'Uploading' : 'Downloading';
    this.#progress = { done: 0, total: request.bytesTotal, message: `${verb} ${request.what}` };
    this.settled = this.#run();
  }

  /** The outcome, once there is one. */
  get outcome(): Outcome<Result> | undefined {
    return this.#outcome;
  }

  /** True until it has an outcome or was asked to stop. */
  get goesOn(): boolean {
    return this.#outcome === undefined && !this.#stop.signal.aborted;
  }

  /** True if somebody was given the outcome. */
  get heard(): boolean {
    return this.#heard;
  }

  /** To be called by whoever gives the outcome on. */
  hear(): void {
    this.#heard = true;
  }

  report(): JobReport {
    const { done, total, message } = this.#progress;
    const running = this.#outcome === undefined;
    const rate = running ? this.#rate.bytesPerSecond(this.#clock.now()) : undefined;
    return {
      id: this.id,
      kind: this.#request.kind,
      what: this.#request.what,
      state: this.#outcome?.state ?? 'running',
      message,
      bytesDone: done,
      bytesTotal: total,
      bytesPerSecond: rate,
      etaSeconds: total === undefined ? undefined : secondsLeft(total - done, rate),
      startedAt: this.#startedAt,
      endedAt: this.#endedAt,
    };
  }

  /** Calls back after each step until the answered function is called. */
  onProgress(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The outcome, or `undefined` if there is none within `ms`. Rejects with the signal's reason; the
   * job goes on.
   */
  async wait(ms: number, signal: AbortSignal): Promise<Outcome<Result> | undefined> {
    if (this.#outcome !== undefined || ms <= 0) return this.#outcome;
    const waiting = linkedAbort(signal);
    try {
      const timeUp = this.#clock.wait(ms, waiting.signal).then(() => undefined);
      return await Promise.race([this.settled, timeUp]);
    } finally {
      waiting.abort(undefined);
      waiting.release();
    }
  }

  /** Asks it to stop and resolves with its outcome once it has cleaned up after itself. */
  cancel(reason: Cancelled): Promise<Outcome<Result>> {
    if (this.#outcome === undefined) this.#stop.abort(reason);
    return this.settled;
  }

  async #run(): Promise<Outcome<Result>> {
    const { signal } = this.#stop;
    const onProgress = (progress: Progress) => this.#advance(progress);
    try {
      const result = await this.#request.run({ signal, onProgress });
      this.#outcome = { state: 'completed', result };
    } catch (error) {
      this.#outcome = { state: signal.aborted ? 'cancelled' : 'failed', error };
    }
    this.#endedAt = this.#clock.now();
    return this.#outcome;
  }

  #advance({ done, total, message }: Progress): void {
    this.#progress = { done, total: total ?? this.#progress.total, message };
    if (done > 0) this.#rate.measure(done, this.#clock.now());
    for (const listener of this.#listeners) listener();
  }
}

function secondsLeft(bytes: number, rate: number | undefined): number | undefined {
  if (bytes <= 0 || rate === undefined || rate < 1) return undefined;
  return bytes / rate;
}
