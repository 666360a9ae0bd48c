import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { withDeadline } from '../../../src/geopera/deadline.ts';

/** Work that goes on until it is stopped. */
const endless = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });

describe('a deadline', () => {
  it('ends work that never ends, as an API that cannot be reached', async () => {
    const { signal } = new AbortController();
    await expect(withDeadline('items.get', 0.01, signal, endless)).rejects.toMatchObject({
      kind: 'unreachable',
      operationId: 'items.get',
      fateUnknown: true,
    });
  });

  it.each([
    ['before', (stop: AbortController) => stop.abort('enough')],
    ['while', (stop: AbortController) => setImmediate(() => stop.abort('enough'))],
  ])('passes on the reason of who cancels %s it runs', async (_, cancel) => {
    const stop = new AbortController();
    cancel(stop);
    await expect(withDeadline('items.get', 60, stop.signal, endless)).rejects.toBe('enough');
  });

  it('leaves no listener behind', async () => {
    const { signal } = new AbortController();
    await withDeadline('items.get', 60, signal, async () => 'done');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
