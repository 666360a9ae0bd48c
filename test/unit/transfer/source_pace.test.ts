import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { SourcePace } from '../../../src/transfer/sources/source_pace.ts';
import { TestClock } from '../../faults/transfer/test_clock.ts';

/** Long enough that the clock holds a tenth of it until the test lets time pass. */
const WINDOW_MS = 60_000_000;
const LEAST = { leastBytesPerSecond: 10, paceMs: WINDOW_MS };
const ENOUGH = 10 * (WINDOW_MS / 1000);

function started() {
  const clock = new TestClock();
  const told = { tooSlow: 0 };
  const pace = new SourcePace(clock, LEAST, () => {
    told.tooSlow += 1;
  });
  async function pass(ms: number): Promise<void> {
    clock.advance(ms);
    await turn();
  }
  return { pace, told, pass };
}

it.each([
  ['nothing', 0, 1],
  ['a byte less than the least', ENOUGH - 1, 1],
  ['the least', ENOUGH, 0],
])('a source that brings %s in a window is too slow or not', async (_what, bytes, tooSlow) => {
  const { pace, told, pass } = started();
  pace.touch(bytes);
  await pass(WINDOW_MS - 1);
  expect(told.tooSlow).toBe(0);
  await pass(1);
  expect(told.tooSlow).toBe(tooSlow);
  pace.stop();
});

it('each window counts for itself', async () => {
  const { pace, told, pass } = started();
  pace.touch(100 * ENOUGH);
  await pass(WINDOW_MS);
  expect(told.tooSlow).toBe(0);
  await pass(WINDOW_MS);
  expect(told.tooSlow).toBe(1);
});

it('time in which something else is slow is not the source’s', async () => {
  const { pace, told, pass } = started();
  await pass(WINDOW_MS / 2);
  pace.suspend();
  pace.suspend();
  for (let n = 0; n < 5; n += 1) await pass(WINDOW_MS);
  pace.resume();
  pace.resume();
  expect(told.tooSlow).toBe(0);
  await pass(WINDOW_MS / 2);
  expect(told.tooSlow).toBe(1);
});

it('that is not watched any more is never too slow', async () => {
  const { pace, told, pass } = started();
  pace.stop();
  await pass(10 * WINDOW_MS);
  expect(told.tooSlow).toBe(0);
});
