/**
 * Runs `work` over all entries, at most `limit` at a time, and answers in their order. The first
 * failure aborts the others through the signal given to them; it is thrown once all have ended, so
 * that nothing is still at work when the caller cleans up.
 */
export async function eachInParallel<T, R>(
  entries: readonly T[],
  limit: number,
  signal: AbortSignal,
  work: (entry: T, index: number, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const stop = new AbortController();
  const linked = AbortSignal.any([signal, stop.signal]);
  const results = new Map<number, R>();
  const failures: unknown[] = [];
  const queue = entries.entries();

  async function worker(): Promise<void> {
    for (const [index, entry] of queue) {
      if (linked.aborted) return;
      try {
        results.set(index, await work(entry, index, linked));
      } catch (failure) {
        failures.push(failure);
        stop.abort(failure);
        return;
      }
    }
  }

  await Promise.all(Array.from({ length: Math.min(limit, entries.length) }, worker));
  if (failures.length > 0) throw failures[0];
  signal.throwIfAborted();
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
