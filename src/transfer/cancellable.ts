/** Settles as the promise does, or rejects with the signal's reason as soon as it aborts. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) {
      onAbort();
    }
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Calls `stop` with the reason of the first signal it follows that aborts, until it is released. */
export class AbortWatch {
  readonly #stop: (reason: unknown) => void;
  #releases: (() => void)[] = [];

  constructor(stop: (reason: unknown) => void) {
    this.#stop = stop;
  }

  /** At once, if the signal has aborted already. */
  follow(signal: AbortSignal): void {
    const onAbort = () => {
      this.release();
      this.#stop(signal.reason);
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    this.#releases.push(() => signal.removeEventListener('abort', onAbort));
  }

  release(): void {
    for (const release of this.#releases.splice(0)) release();
  }
}

/** A controller that follows a signal until it is released. */
export interface LinkedAbort {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  release(): void;
}

/** For one attempt: aborts with its parent, or alone when the attempt stalls. */
export function linkedAbort(parent: AbortSignal): LinkedAbort {
  const controller = new AbortController();
  const follow = () => controller.abort(parent.reason);
  if (parent.aborted) {
    follow();
  }
  parent.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => parent.removeEventListener('abort', follow),
  };
}

/**
 * Iterates as the source does, but never waits past the signal, even for a source that ignores it.
 * One listener for the whole run: a race per chunk would pile up on the signal.
 */
export async function* interruptible<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  let interrupt: (reason: unknown) => void = () => {};
  const onAbort = () => interrupt(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await new Promise<IteratorResult<T>>((resolve, reject) => {
        interrupt = reject;
        iterator.next().then(resolve, reject);
      });
      if (next.done === true) {
        return;
      }
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Not awaited: a source that hangs would hang its reader's clean-up too.
    iterator.return?.()?.catch(() => {});
  }
}
