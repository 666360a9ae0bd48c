import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createRateGate,
  type RateGate,
  type RateStore,
} from '../../../../../src/transports/http/gates/rate_gate.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const admitted = { admitted: true };

async function ask(gate: RateGate, times: number, principal = 'p') {
  const answers = [];
  for (let count = 0; count < times; count += 1) answers.push(await gate.admit(principal));
  return answers;
}

describe('in one process', () => {
  it('lets so many through at once, then tells how long to wait', async () => {
    const gate = createRateGate({ perMinute: 3 });
    expect(await ask(gate, 3)).toEqual([admitted, admitted, admitted]);
    expect(await gate.admit('p')).toEqual({ admitted: false, retryAfterSeconds: 60 });
    vi.advanceTimersByTime(45_500);
    expect(await gate.admit('p')).toEqual({ admitted: false, retryAfterSeconds: 15 });
    vi.advanceTimersByTime(14_500);
    expect(await gate.admit('p')).toEqual(admitted);
  });

  it('counts each principal alone', async () => {
    const gate = createRateGate({ perMinute: 1 });
    await ask(gate, 2);
    expect(await gate.admit('another')).toEqual(admitted);
  });

  it('counts nothing at 0', async () => {
    expect(new Set(await ask(createRateGate({ perMinute: 0 }), 100))).toEqual(new Set([admitted]));
  });
});

/** A store that counts, as the script would in Redis. */
function countingStore(): RateStore & { isReady: boolean; readonly keys: ReadonlySet<string> } {
  const counts = new Map<string, number>();
  return {
    isReady: true,
    get keys() {
      return new Set(counts.keys());
    },
    async eval(_script, { keys: [key = ''], arguments: [points] }) {
      counts.set(key, (counts.get(key) ?? 0) + Number(points));
      return [counts.get(key), 30_000];
    },
  };
}

describe('over a store', () => {
  it('two replicas count together', async () => {
    const store = countingStore();
    const [one, other] = [
      createRateGate({ perMinute: 2, store }),
      createRateGate({ perMinute: 2, store }),
    ];
    expect([await one.admit('p'), await other.admit('p')]).toEqual([admitted, admitted]);
    expect(await one.admit('p')).toEqual({ admitted: false, retryAfterSeconds: 30 });
    // One key, which does not tell whose it is.
    expect([...store.keys]).toEqual([expect.stringMatching(/^geopera-mcp:rate:[\w-]{43}$/)]);
  });

  it.each<[string, (store: RateStore & { isReady: boolean }) => void]>([
    ['has no connection', (store) => Object.assign(store, { isReady: false })],
    ['fails', (store) => Object.assign(store, { eval: () => Promise.reject(new Error('lost')) })],
  ])('a process counts for itself while the store %s', async (_name, breakStore) => {
    const store = countingStore();
    breakStore(store);
    const gate = createRateGate({ perMinute: 1, store });
    expect(await gate.admit('p')).toEqual(admitted);
    expect(await gate.admit('p')).toEqual({ admitted: false, retryAfterSeconds: 60 });
  });

  it('nor does a store that never answers hold up a request for long', async () => {
    const store = { isReady: true, eval: () => new Promise<never>(() => undefined) };
    const gate = createRateGate({ perMinute: 1, store });
    const answer = gate.admit('p');
    await vi.advanceTimersByTimeAsync(500);
    expect(await answer).toEqual(admitted);
  });
});
