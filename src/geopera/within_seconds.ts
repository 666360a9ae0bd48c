/**
 * Does work that may take so long in all, whatever it waits for: undici's own limits are on pauses,
 * and a peer that sends a byte now and then never pauses for long.
 *
 * @param late what the work's signal has for a reason once it took longer
 */
export async function withinSeconds<T>(
  seconds: number,
  signal: AbortSignal,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const follow = () => controller.abort(signal.reason);
  if (signal.aborted) follow();
  signal.addEventListener('abort', follow, { once: true });
  const timer = setTimeout(() => controller.abort(late()), seconds * 1000);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', follow);
  }
}
