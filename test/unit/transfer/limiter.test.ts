import { setMaxListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLimiter, type Limiter, type Pace } from '../../../src/transfer/limiter.ts';
import { TestClock } from '../../faults/transfer/test_clock.ts';

const STORAGE = { host: 'storage.test' };
const OTHER = { host: 'other.test' };
/** Long enough that the clock holds it until the test lets time pass. */
const HOLD_MS = 2_000_000;
const never = new AbortController().signal;
// All that wait listen to it.
setMaxListeners(0, never);

function limiter(places: number, random = () => 0) {
  const clock = new TestClock();
  return { clock, limiter: createLimiter({ clock, random, places }) };
}

/** Notes in which order admissions are granted, and keeps them. */
function admissions(made: ReturnType<typeof limiter>['limiter']) {
  const granted: string[] = [];
  const releases = new Map<string, () => void>();
  return {
    granted,
    release: (name: string) => releases.get(name)?.(),
    async ask(name: string, at = STORAGE, signal = never, by: Limiter = made, pace?: Pace) {
      releases.set(name, await by.admit(at, signal, pace));
      granted.push(name);
    },
  };
}

describe('places', () => {
  it('are given in order of arrival, whoever leaves first', async () => {
    const { granted, ask, release } = admissions(limiter(2).limiter);
    const asked = ['a', 'b', 'c', 'd'].map((name) => ask(name));
    await turn();
    expect(granted).toEqual(['a', 'b']);
    release('b');
    await turn();
    expect(granted).toEqual(['a', 'b', 'c']);
    release('a');
    await Promise.all(asked);
    expect(granted).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are given back once', async () => {
    const { granted, ask, release } = admissions(limiter(1).limiter);
    await ask('a');
    const later = [ask('b'), ask('c')];
    release('a');
    release('a');
    await turn();
    expect(granted).toEqual(['a', 'b']);
    release('b');
    await Promise.all(later);
  });

  it('are left to the next when who waits is cancelled', async () => {
    const { granted, ask, release } = admissions(limiter(1).limiter);
    const cancelled = new AbortController();
    await ask('a');
    const gone = ask('gone', STORAGE, cancelled.signal);
    const next = ask('next');
    cancelled.abort(new Error('cancelled'));
    await expect(gone).rejects.toThrow('cancelled');
    release('a');
    await next;
    expect(granted).toEqual(['a', 'next']);
  });

  it('are not lost when the cancel comes with the place', async () => {
    const { ask, release } = admissions(limiter(1).limiter);
    const cancelled = new AbortController();
    await ask('a');
    const gone = ask('gone', STORAGE, cancelled.signal);
    release('a');
    cancelled.abort(new Error('cancelled'));
    await expect(gone).rejects.toThrow('cancelled');
    await ask('next');
  });

  it('are never more than there are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.record({ turns: fc.nat(4), cancels: fc.boolean() }), { maxLength: 40 }),
        async (places, acts) => {
          const made = limiter(places).limiter;
          let under = 0;
          let most = 0;
          const run = async ({ turns, cancels }: { turns: number; cancels: boolean }) => {
            const act = new AbortController();
            const admitted = made.admit(STORAGE, act.signal);
            if (cancels) {
              act.abort(new Error('cancelled'));
              await expect(admitted).rejects.toThrow('cancelled');
              return;
            }
            const release = await admitted;
            under += 1;
            most = Math.max(most, under);
            for (let left = turns; left > 0; left -= 1) {
              await turn();
            }
            under -= 1;
            release();
          };
          await Promise.all(acts.map(run));
          expect(most).toBeLessThanOrEqual(places);
          // All are free again.
          await Promise.all(Array.from({ length: places }, () => made.admit(STORAGE, never)));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('a hold', () => {
  it('keeps back what goes to that host, and nothing else', async () => {
    const { clock, limiter: made } = limiter(4);
    const { granted, ask } = admissions(made);
    made.throttled(STORAGE, HOLD_MS);
    const held = [ask('a'), ask('b')];
    await ask('elsewhere', OTHER);
    await turn();
    expect(granted).toEqual(['elsewhere']);
    clock.advance(HOLD_MS);
    await Promise.all(held);
    expect(granted).toEqual(['elsewhere', 'a', 'b']);
  });

  it('takes no place while it lasts', async () => {
    const { clock, limiter: made } = limiter(1);
    const { ask, release } = admissions(made);
    made.throttled(STORAGE, HOLD_MS);
    const held = ask('a');
    await ask('elsewhere', OTHER);
    release('elsewhere');
    clock.advance(HOLD_MS);
    await held;
  });

  it('ends for each at another moment, within a tenth of its length', async () => {
    const chances = [0, 0.5, 0.99];
    const { clock, limiter: made } = limiter(4, () => chances.shift() ?? 0);
    const { granted, ask } = admissions(made);
    made.throttled(STORAGE, HOLD_MS);
    const held = ['a', 'b', 'c'].map((name) => ask(name));
    clock.advance(HOLD_MS);
    await turn();
    expect(granted).toEqual(['a']);
    clock.advance(HOLD_MS * 0.05);
    await turn();
    expect(granted).toEqual(['a', 'b']);
    clock.advance(HOLD_MS * 0.05);
    await Promise.all(held);
    expect(granted).toEqual(['a', 'b', 'c']);
  });

  it('also stops who stood in the queue when it came', async () => {
    const { clock, limiter: made } = limiter(1);
    const { granted, ask, release } = admissions(made);
    await ask('a');
    const queued = ask('queued');
    const elsewhere = ask('elsewhere', OTHER);
    made.throttled(STORAGE, HOLD_MS);
    release('a');
    await elsewhere;
    expect(granted).toEqual(['a', 'elsewhere']);
    release('elsewhere');
    clock.advance(HOLD_MS);
    await queued;
  });

  it('is made longer by another, never shorter', async () => {
    const { clock, limiter: made } = limiter(1);
    const { granted, ask } = admissions(made);
    made.throttled(STORAGE, HOLD_MS);
    made.throttled(STORAGE, 5);
    const held = ask('a');
    made.throttled(STORAGE, 2 * HOLD_MS);
    clock.advance(HOLD_MS);
    await turn();
    expect(granted).toEqual([]);
    clock.advance(HOLD_MS);
    await held;
  });

  it('ends at once for who is cancelled', async () => {
    const { limiter: made } = limiter(1);
    const cancelled = new AbortController();
    made.throttled(STORAGE, HOLD_MS);
    const held = made.admit(STORAGE, cancelled.signal);
    cancelled.abort(new Error('cancelled'));
    await expect(held).rejects.toThrow('cancelled');
    await made.admit(OTHER, never);
  });
});

describe('several owners', () => {
  const PLACES = 16;
  /** What one of them holds at most, with nobody else there. */
  const MOST_HELD = 12;

  /** The views of owners on one limiter, and which of their requests were admitted, as `a1`. */
  function owners(places = PLACES) {
    const { limiter: made } = limiter(places);
    const { granted, release, ask } = admissions(made);
    return {
      granted,
      release,
      made,
      ask: (owner: string, numbers: readonly number[], pace?: Pace) =>
        numbers.map((n) => ask(`${owner}${n}`, STORAGE, never, made.forOwner(owner), pace)),
    };
  }

  const upTo = (most: number) => Array.from({ length: most }, (_, n) => n + 1);

  it('leave each other places, however much one of them asks for', async () => {
    const { granted, ask } = owners();
    ask('a', upTo(20));
    await turn();
    expect(granted).toHaveLength(MOST_HELD);
    await Promise.all([...ask('b', [1]), ...ask('c', [1]), ...ask('d', [1])]);
    expect(granted.slice(MOST_HELD)).toEqual(['b1', 'c1', 'd1']);
  });

  it('are told how much each of them may have at once', async () => {
    const { made, ask } = owners();
    const spare = (owner: string) => made.forOwner(owner).spare;
    expect(made.spare).toBe(PLACES);
    expect(spare('a')).toBe(MOST_HELD);
    ask('a', upTo(10));
    await turn();
    expect([spare('a'), spare('b'), made.spare]).toEqual([2, 3, 6]);
  });

  it('get what comes free in turns, and each in order of arrival', async () => {
    const { granted, ask, release } = owners(2);
    const asked = [...ask('a', [1, 2, 3, 4]), ...ask('b', [1, 2]), ...ask('c', [1])];
    const inTurns = ['a1', 'b1', 'a2', 'b2', 'c1', 'a3', 'a4'];
    await turn();
    for (const name of inTurns) {
      release(name);
      await turn();
    }
    await Promise.all(asked);
    expect(granted).toEqual(inTurns);
  });

  it('do not keep back by relayed bytes what goes at our own pace', async () => {
    const { granted, ask } = owners();
    for (const owner of upTo(40)) ask(`relays ${owner}-`, [1], 'relayed');
    await turn();
    expect(granted).toHaveLength(PLACES);
    await Promise.all(ask('a', upTo(MOST_HELD)));
    expect(granted).toHaveLength(PLACES + MOST_HELD);
  });

  it('all get what they asked for, never more at once than there is', async () => {
    const act = fc.record({
      owner: fc.constantFrom('a', 'b', 'c', undefined),
      turns: fc.nat(3),
      cancels: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.array(act, { minLength: 1, maxLength: 30 }),
        async (places, acts) => {
          const { limiter: made } = limiter(places);
          let under = 0;
          const run = async ({ owner, turns, cancels }: (typeof acts)[number]) => {
            const view = owner === undefined ? made : made.forOwner(owner);
            const stop = new AbortController();
            const admitted = view.admit(STORAGE, stop.signal);
            if (cancels) {
              stop.abort(new Error('cancelled'));
              await expect(admitted).rejects.toThrow('cancelled');
              return;
            }
            const release = await admitted;
            under += 1;
            expect(under).toBeLessThanOrEqual(places);
            for (let left = turns; left > 0; left -= 1) await turn();
            under -= 1;
            release();
          };
          await Promise.all(acts.map(run));
          expect(made.spare).toBe(places);
        },
      ),
      { numRuns: 60 },
    );
  });
});
