import type { JobReport, Outcome } from './transfer_job.ts';

type Kind = JobReport['kind'];

/** Hears what the transfers of this process do, to count it. */
export interface TransferObserver {
  started?(kind: Kind): void;
  /** So many bytes went over the network since the last time. */
  moved?(kind: Kind, bytes: number): void;
  ended?(kind: Kind, state: Outcome<unknown>['state']): void;
}

/** Tells several what one would hear. */
export function observersOf(...observers: readonly TransferObserver[]): TransferObserver {
  return {
    started(kind) {
      for (const observer of observers) observer.started?.(kind);
    },
    moved(kind, bytes) {
      for (const observer of observers) observer.moved?.(kind, bytes);
    },
    ended(kind, state) {
      for (const observer of observers) observer.ended?.(kind, state);
    },
  };
}

/** Tells an observer what one transfer moves, without what a download found on disk. */
export class MovedBytes {
  readonly #kind: Kind;
  readonly #observer: TransferObserver;
  #reached: number | undefined;
  #untold = 0;

  constructor(kind: Kind, observer: TransferObserver) {
    this.#kind = kind;
    this.#observer = observer;
    if (kind === 'upload') this.#reached = 0;
  }

  reached(done: number): void {
    // Whether a download's first bytes came now or lay there already shows at its end alone.
    if (this.#reached === undefined) this.#untold = done;
    else if (done > this.#reached) this.#observer.moved?.(this.#kind, done - this.#reached);
    this.#reached = Math.max(done, this.#reached ?? 0);
  }

  completed(resumedBytes: number): void {
    if (this.#untold > resumedBytes) {
      this.#observer.moved?.(this.#kind, this.#untold - resumedBytes);
    }
  }
}
