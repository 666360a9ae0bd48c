import { GeoperaError } from './geopera_error.ts';

/**
 * Does work that may take so long in all, whatever it waits for: undici's own limits are on pauses,
 * and a peer that sends a byte now and then never pauses for long. Throws `unreachable` beyond it.
 */
export async function withDeadline<T>(
  operationId: string,
  seconds: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const follow = () => controller.abort(signal.reason);
  const expire = () =>
    controller.abort(
      new GeoperaError({
        kind: 'unreachable',
        operationId,
        detail: `the API gave no whole answer in ${seconds} seconds`,
        fateUnknown: true,
      }),
    );
  if (signal.aborted) follow();
  signal.addEventListener('abort', follow, { once: true });
  const timer = setTimeout(expire, seconds * 1000);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', follow);
  }
}
