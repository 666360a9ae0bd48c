import type { Clock } from '../transfer/clock.ts';

/** So long what was cancelled is waited for: an answer that is later than that is late for everybody. */
const GRACE_MS = 20_000;

/**
 * Does what must not be cancelled on its way, since what it opens can be closed only once its id is heard. It
 * is given up a while after the signal, whose reason it then throws.
 */
export async function heardOut<Answer>(
  signal: AbortSignal,
  clock: Clock,
  work: (late: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const late = new AbortController();
  const over = new AbortController();
  const giveUpLater = () => {
    clock.wait(GRACE_MS, over.signal).then(
      () => late.abort(signal.reason),
      () => undefined,
    );
  };
  signal.throwIfAborted();
  signal.addEventListener('abort', giveUpLater, { once: true });
  try {
    return await work(late.signal);
  } finally {
    signal.removeEventListener('abort', giveUpLater);
    over.abort();
  }
}
