import { describe, expect, it } from 'vitest';
import { createTransferEngine } from '../../../src/transfer/engine.ts';
import { withRetries } from '../../../src/transfer/retrying.ts';
import { type Outcome, TransferError } from '../../../src/transfer/transfer_error.ts';
import { TestClock } from '../../faults/transfer/test_clock.ts';

const failed = (outcome: Outcome) =>
  new TransferError({ code: 'storage_unavailable', message: outcome, outcome });

/** Fails with each outcome in turn, then succeeds. */
async function run(outcomes: readonly Outcome[]) {
  const clock = new TestClock();
  const engine = createTransferEngine({ clock, random: () => 0 });
  const reasons: string[] = [];
  const end = await withRetries(
    engine,
    new AbortController().signal,
    async ({ number, reason }) => {
      reasons.push(reason);
      const outcome = outcomes[number - 1];
      if (outcome !== undefined) {
        throw failed(outcome);
      }
      return 'done';
    },
  ).catch((error: unknown) => error);
  return { end, reasons: reasons.join(' '), pauses: clock.waits.length };
}

describe('how often each outcome is tried again', () => {
  it.each<[Outcome[], string, string, number]>([
    [[], 'done', 'first', 0],
    [['transient'], 'done', 'first retry', 1],
    [['transient', 'throttled', 'transient'], 'done', 'first retry retry retry', 3],
    [
      ['transient', 'transient', 'transient', 'transient'],
      'transient',
      'first retry retry retry',
      3,
    ],
    [
      ['throttled', 'throttled', 'throttled', 'throttled'],
      'throttled',
      'first retry retry retry',
      3,
    ],
    [['expired'], 'done', 'first expired', 0],
    [['expired', 'expired'], 'done', 'first expired expired', 0],
    [['expired', 'expired', 'expired'], 'expired', 'first expired expired', 0],
    [['expired', 'transient', 'expired'], 'done', 'first expired retry expired', 1],
    [['signature'], 'done', 'first retry', 0],
    [['signature', 'signature'], 'signature', 'first retry', 0],
    [['signature', 'expired', 'signature'], 'signature', 'first retry expired', 0],
    [['mismatch'], 'done', 'first retry', 1],
    [['mismatch', 'mismatch'], 'mismatch', 'first retry', 1],
    [['fatal'], 'fatal', 'first', 0],
    [['transient', 'fatal'], 'fatal', 'first retry', 1],
  ])('%j: %s', async (outcomes, end, reasons, pauses) => {
    const made = await run(outcomes);
    expect(made.reasons).toBe(reasons);
    expect(made.pauses).toBe(pauses);
    if (made.end instanceof TransferError) {
      expect(made.end).toMatchObject({ message: end, attempts: reasons.split(' ').length });
    } else {
      expect(made.end).toBe(end);
    }
  });
});

it("an error that is not the library's own is never tried again", async () => {
  const engine = createTransferEngine({ clock: new TestClock() });
  let runs = 0;
  const work = withRetries(engine, new AbortController().signal, async () => {
    runs += 1;
    throw new Error('402');
  });
  await expect(work).rejects.toThrow('402');
  expect(runs).toBe(1);
});
