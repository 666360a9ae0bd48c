/**
 * Runs `work` over all entries, at most `limit` at a time, and answers in their order. The next entry is
 * asked for when there is room for it, so entries that are made as they are asked for cost memory only while
 * they are worked on. The first failure aborts the others through the signal given to them; it is thrown
 * once all have ended, so that nothing is still at work when the caller cleans up.
 */
export async function eachInParallel<T, R>(
  entries: Iterable<T> | AsyncIterable<T>,
  limit: number,
  signal: AbortSignal,
  work: (entry: T, index: number, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const stop = new AbortController();
  const linked = AbortSignal.any([signal, stop.signal]);
  const results = new Map<number, R>();
  const failures: unknown[] = [];
  const queue = inTurn(entries);

  async function worker(): Promise<void> {
    try {
      while (!linked.aborted) {
        const next = await queue.next();
        if (next === undefined || linked.aborted) return;
        results.set(next.index, await work(next.entry, next.index, linked));
      }
    } catch (failure) {
      failures.push(failure);
      stop.abort(failure);
    }
  }

  try {
    await Promise.all(Array.from({ length: limit }, worker));
  } finally {
    await queue.close();
  }
  if (failures.length > 0) throw failures[0];
  signal.throwIfAborted();
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}

/** Gives out entries one after the other, whoever asks; undefined once there are no more. */
function inTurn<T>(entries: Iterable<T> | AsyncIterable<T>) {
  const iterator =
    Symbol.asyncIterator in entries ? entries[Symbol.asyncIterator]() : entries[Symbol.iterator]();
  let given = 0;
  let last: Promise<unknown> = Promise.resolve();
  async function following() {
    const { done, value } = await iterator.next();
    if (done === true) return undefined;
    given += 1;
    return { index: given - 1, entry: value };
  }
  return {
    next() {
      const next = last.then(following);
      last = next.catch(() => undefined);
      return next;
    },
    /** Lets whatever makes the entries go. */
    async close() {
      await iterator.return?.();
    },
  };
}
