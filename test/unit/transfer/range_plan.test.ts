import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Extent,
  gapsBetween,
  type Lease,
  RangePlan,
} from '../../../src/transfer/downloads/range_plan.ts';

const MIB = 1024 * 1024;
const LEAST_BYTES = 4 * MIB;

/** Extents that do not overlap, from arbitrary cuts of a file. */
const fileWithDoneExtents = fc
  .tuple(
    fc.integer({ min: 0, max: 300 * MIB }),
    fc.uniqueArray(fc.nat(300 * MIB), { maxLength: 12 }),
    fc.boolean(),
  )
  .map(([total, cuts, first]) => {
    const edges = [0, ...cuts.filter((cut) => cut < total).sort((a, b) => a - b), total];
    const done = edges
      .slice(1)
      .map((end, i): Extent => ({ start: edges[i] ?? 0, end }))
      .filter(({ start, end }, i) => end > start && i % 2 === (first ? 0 : 1));
    return { total, done };
  });

/** What a set of streams may do: claim, receive some of what is asked for, give up. */
const step = fc.record({
  act: fc.constantFrom('claim', 'receive', 'receive', 'give back'),
  stream: fc.nat(7),
  share: fc.double({ min: 0.01, max: 1, noNaN: true }),
});

function expectExactlyOnce(received: readonly Extent[], total: number): void {
  const inOrder = [...received].sort((a, b) => a.start - b.start);
  let covered = 0;
  for (const { start, end } of inOrder) {
    expect(start).toBe(covered);
    covered = end;
  }
  expect(covered).toBe(total);
}

describe('a range plan', () => {
  it('covers the file exactly once, whatever its streams do', () => {
    fc.assert(
      fc.property(
        fileWithDoneExtents,
        fc.nat(8 * MIB),
        fc.array(step, { maxLength: 60 }),
        ({ total, done }, leastBytes, steps) => {
          const plan = new RangePlan(total, done, leastBytes);
          const received: Extent[] = [...done];
          const streams = new Map<number, Lease>();
          const receive = (lease: Lease, share: number) => {
            const bytes = Math.ceil((lease.end - lease.position) * share);
            if (bytes > 0) received.push({ start: lease.position, end: lease.position + bytes });
            plan.advance(lease, bytes);
          };
          for (const { act, stream, share } of steps) {
            const lease = streams.get(stream);
            if (act === 'claim' && lease === undefined) {
              const claimed = plan.claim();
              if (claimed !== undefined) streams.set(stream, claimed);
            } else if (act === 'receive' && lease !== undefined) {
              receive(lease, share);
            } else if (act === 'give back' && lease !== undefined) {
              plan.giveBack(lease);
              streams.delete(stream);
            }
          }
          for (const lease of streams.values()) plan.giveBack(lease);
          for (let lease = plan.claim(); lease !== undefined; lease = plan.claim()) {
            receive(lease, 1);
            plan.giveBack(lease);
          }
          expect(plan.remaining).toBe(0);
          expectExactlyOnce(received, total);
        },
      ),
    );
  });

  it('splits the longest stretch at work, on 64 KiB, once no gap is free', () => {
    const plan = new RangePlan(100 * MIB);
    const first = plan.claim();
    if (first === undefined) throw new Error('nothing to claim');
    plan.advance(first, 10 * MIB - 1);
    const second = plan.claim();
    expect(second).toMatchObject({ position: 55 * MIB, end: 100 * MIB });
    expect(first).toMatchObject({ position: 10 * MIB - 1, end: 55 * MIB });
    expect(plan.claim()).toMatchObject({ position: 32.5 * MIB, end: 55 * MIB });
  });

  it('leaves a stretch whole where halves would be too short for a stream of their own', () => {
    const plan = new RangePlan(2 * LEAST_BYTES - 1, [], LEAST_BYTES);
    expect(plan.claim()).toBeDefined();
    expect(plan.claim()).toBeUndefined();
  });

  it('refuses more bytes than were leased, and a lease that is not its own', () => {
    const plan = new RangePlan(10);
    const lease = plan.claim();
    if (lease === undefined) throw new Error('nothing to claim');
    expect(() => plan.advance(lease, 11)).toThrow(RangeError);
    plan.giveBack(lease);
    expect(() => plan.advance(lease, 1)).toThrow(RangeError);
  });

  it('has nothing to claim of an empty file, or of one that is there', () => {
    expect(new RangePlan(0).claim()).toBeUndefined();
    expect(new RangePlan(9, [{ start: 0, end: 9 }]).claim()).toBeUndefined();
  });
});

describe('gaps', () => {
  it('are what lies between extents, before the first and after the last', () => {
    expect(
      gapsBetween(
        [
          { start: 40, end: 50 },
          { start: 10, end: 20 },
        ],
        60,
      ),
    ).toEqual([
      { start: 0, end: 10 },
      { start: 20, end: 40 },
      { start: 50, end: 60 },
    ]);
  });
});
