import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachInParallel } from '../../../src/transfer/each_in_parallel.ts';

const never = new AbortController().signal;
const turn = () => new Promise(setImmediate);

/** Ends when it is told to, or with the signal's reason. */
function gate(signal: AbortSignal) {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve, reject) => {
    open = resolve;
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  return { open, passed };
}

describe('eachInParallel', () => {
  it('answers in the order of the entries, never more at work than the limit', async () => {
    const turns = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(turns, fc.integer({ min: 1, max: 5 }), async (entries, limit) => {
        let working = 0;
        let most = 0;
        const results = await eachInParallel(entries, limit, never, async (turns, index) => {
          working += 1;
          most = Math.max(most, working);
          for (let i = 0; i < turns; i += 1) await turn();
          working -= 1;
          return [index, turns];
        });
        expect(results).toEqual(entries.map((turns, index) => [index, turns]));
        expect(most).toBe(Math.min(limit, entries.length));
      }),
      { numRuns: 50 },
    );
  });

  it('aborts the others at the first failure, starts no more, and throws it once all have ended', async () => {
    const failure = new Error('the second failed');
    const started: number[] = [];
    const ended: number[] = [];
    let cleanUp: () => void = () => undefined;
    const cleaned = new Promise<void>((resolve) => {
      cleanUp = resolve;
    });
    let settled = false;
    const all = eachInParallel([0, 1, 2, 3], 2, never, async (entry, _index, signal) => {
      started.push(entry);
      try {
        if (entry === 1) throw failure;
        await gate(signal).passed;
      } catch (error) {
        if (entry === 0) {
          expect(error).toBe(failure);
          await cleaned;
        }
        throw error;
      } finally {
        ended.push(entry);
      }
    }).finally(() => {
      settled = true;
    });
    all.catch(() => undefined);
    await turn();
    expect({ settled, started, ended }).toEqual({ settled: false, started: [0, 1], ended: [1] });
    cleanUp();
    await expect(all).rejects.toBe(failure);
    expect(ended).toEqual([1, 0]);
  });

  it('throws the first of several failures', async () => {
    const entries = ['a', 'b'];
    const all = eachInParallel(entries, 2, never, async (entry) => {
      throw new Error(entry);
    });
    await expect(all).rejects.toThrow('a');
  });

  it('ends with the reason of the caller, and starts no more', async () => {
    const cancel = new AbortController();
    const reason = new Error('cancelled by the client');
    const started: number[] = [];
    const all = eachInParallel([0, 1, 2], 1, cancel.signal, async (entry) => {
      started.push(entry);
      cancel.abort(reason);
    });
    await expect(all).rejects.toBe(reason);
    expect(started).toEqual([0]);
  });

  it('starts nothing if the caller had gone before', async () => {
    const reason = new Error('gone');
    const all = eachInParallel([0], 1, AbortSignal.abort(reason), async () => {
      throw new Error('was started');
    });
    await expect(all).rejects.toBe(reason);
  });

  it('has nothing to do for no entries', async () => {
    await expect(eachInParallel([], 3, never, async () => 1)).resolves.toEqual([]);
  });

  it('asks for an entry only when there is room for it', async () => {
    let made = 0;
    let done = 0;
    let most = 0;
    async function* entries() {
      for (; made < 6; ) {
        made += 1;
        most = Math.max(most, made - done);
        yield made;
      }
    }
    const answers = await eachInParallel(entries(), 2, never, async (entry) => {
      await turn();
      done += 1;
      return entry;
    });
    expect({ answers, most }).toEqual({ answers: [1, 2, 3, 4, 5, 6], most: 2 });
  });

  it('lets go of what makes the entries when one fails, and throws what making them throws', async () => {
    let closed = 0;
    async function* entries(fails: boolean) {
      try {
        yield 1;
        if (fails) throw new Error('no more to read');
        yield 2;
        yield 3;
      } finally {
        closed += 1;
      }
    }
    const failing = async () => Promise.reject(new Error('refused'));
    await expect(eachInParallel(entries(false), 1, never, failing)).rejects.toThrow('refused');
    await expect(eachInParallel(entries(true), 1, never, turn)).rejects.toThrow('no more to read');
    expect(closed).toBe(2);
  });
});
