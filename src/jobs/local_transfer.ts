import type { Progress } from '../transfer/act.ts';
import { linkedAbort } from '../transfer/cancellable.ts';
import type { Cancelled } from '../transfer/cancelled.ts';
import type { Clock } from '../transfer/engine.ts';
import type { JobReport, JobRequest, Outcome, Transfer } from './transfer_job.ts';
import { MovedBytes, type TransferObserver } from './transfer_observer.ts';
import { TransferRate } from './transfer_rate.ts';

/** One transfer of this process, which goes on whether or not anybody waits for it. */
export class LocalTransfer<Result> implements Transfer<Result> {
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
  readonly #moved: MovedBytes;
  readonly #listeners = new Set<() => void>();
  #progress: Progress;
  #outcome: Outcome<Result> | undefined;
  #endedAt: number | undefined;
  #heard = false;
  #waiting = 0;

  /** Starts at once. */
  constructor(id: string, request: JobRequest<Result>, clock: Clock, observer: TransferObserver) {
    const { owner, key, kind } = request;
    this.id = id;
    this.owner = owner;
    this.key = key;
    this.#request = request;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#moved = new MovedBytes(kind, observer);
    const verb = kind === 'upload' ? 'Uploading' : 'Downloading';
    this.#progress = { done: 0, total: request.bytesTotal, message: `${verb} ${request.what}` };
    observer.started?.(kind);
    this.settled = this.#run(observer);
  }

  get outcome(): Outcome<Result> | undefined {
    return this.#outcome;
  }

  get goesOn(): boolean {
    return this.#outcome === undefined && !this.#stop.signal.aborted;
  }

  get heard(): boolean {
    return this.#heard;
  }

  /** How many calls wait for its end right now. */
  get waiting(): number {
    return this.#waiting;
  }

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

  onProgress(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async wait(ms: number, signal: AbortSignal): Promise<Outcome<Result> | undefined> {
    if (this.#outcome !== undefined || ms <= 0) return this.#outcome;
    this.#waiting += 1;
    try {
      return await this.settledWithin(ms, signal);
    } finally {
      this.#waiting -= 1;
    }
  }

  /** As `wait`, for one who only looks on. */
  async settledWithin(ms: number, signal: AbortSignal): Promise<Outcome<Result> | undefined> {
    const waiting = linkedAbort(signal);
    try {
      const timeUp = this.#clock.wait(ms, waiting.signal).then(() => undefined);
      return await Promise.race([this.settled, timeUp]);
    } finally {
      waiting.abort(undefined);
      waiting.release();
    }
  }

  cancel(reason: Cancelled): Promise<Outcome<Result>> {
    if (this.#outcome === undefined) this.#stop.abort(reason);
    return this.settled;
  }

  async abandon(reason: Cancelled): Promise<Outcome<Result> | undefined> {
    return this.#waiting > 0 ? this.#outcome : this.cancel(reason);
  }

  async #run(observer: TransferObserver): Promise<Outcome<Result>> {
    const { signal } = this.#stop;
    const onProgress = (progress: Progress) => this.#advance(progress);
    try {
      const result = await this.#request.run({ signal, onProgress });
      this.#moved.completed(this.#request.resumedBytes?.(result) ?? 0);
      this.#outcome = { state: 'completed', result };
    } catch (error) {
      this.#outcome = { state: signal.aborted ? 'cancelled' : 'failed', error };
    }
    this.#endedAt = this.#clock.now();
    const outcome = this.#outcome;
    observer.ended?.(this.#request.kind, outcome.state);
    // In the next turn a call that waits has heard.
    setImmediate(() => this.#request.ended?.(this, outcome));
    return outcome;
  }

  #advance({ done, total, message }: Progress): void {
    this.#progress = { done, total: total ?? this.#progress.total, message };
    if (done > 0) {
      this.#rate.measure(done, this.#clock.now());
      this.#moved.reached(done);
    }
    for (const listener of this.#listeners) listener();
  }
}

function secondsLeft(bytes: number, rate: number | undefined): number | undefined {
  if (bytes <= 0 || rate === undefined || rate < 1) return undefined;
  return bytes / rate;
}
