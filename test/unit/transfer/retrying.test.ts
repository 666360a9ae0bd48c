import { describe, expect, it } from 'vitest';
import { createTransferEngine } from '../../../src/transfer/engine.ts';
import type { Kept } from '../../../src/transfer/failures/retry_policy.ts';
import { withRetries } from '../../../src/transfer/failures/retrying.ts';
import { type Outcome, TransferError } from '../../../src/transfer/failures/transfer_error.ts';
import { TestClock } from '../../faults/transfer/test_clock.ts';

const MIB = 1024 * 1024;
const HOST = 'storage.test';

/** What an attempt does: the bytes it keeps, and how it ends. */
type Step = Outcome | { readonly bytes: number; readonly outcome: Outcome };

const failed = (outcome: Outcome) =>
  new TransferError({ code: 'storage_unavailable', message: outcome, outcome, host: HOST });

/** Takes each step in turn, then succeeds. */
async function run(steps: readonly Step[], kept: Kept = 'nothing') {
  const clock = new TestClock();
  const engine = createTransferEngine({ clock, random: () => 0 });
  const reasons: string[] = [];
  const end = await withRetries(
    engine,
    new AbortController().signal,
    async ({ number, reason, progressed }) => {
      reasons.push(reason);
      const step = steps[number - 1];
      if (step !== undefined) {
        const { bytes, outcome } = typeof step === 'string' ? { bytes: 0, outcome: step } : step;
        progressed(bytes);
        throw failed(outcome);
      }
      return 'done';
    },
    kept,
  ).catch((error: unknown) => error);
  return { end, reasons: reasons.join(' '), waits: clock.waits, clock, engine };
}

async function expectEnd(steps: readonly Step[], end: string, attempts: number, kept?: Kept) {
  const made = await run(steps, kept);
  expect(made.reasons.split(' ')).toHaveLength(attempts);
  if (made.end instanceof TransferError) {
    expect(made.end).toMatchObject({ message: end, attempts });
  } else {
    expect(made.end).toBe(end);
  }
  return made;
}

const times = (count: number, step: Step): Step[] => Array.from({ length: count }, () => step);

describe('how often each outcome of a whole file is tried again', () => {
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
    [['idle_closed'], 'done', 'first retry', 0],
    [['idle_closed', 'idle_closed'], 'done', 'first retry retry', 1],
    [
      ['idle_closed', 'transient', 'transient', 'transient'],
      'done',
      'first retry retry retry retry',
      3,
    ],
    [
      ['idle_closed', 'transient', 'transient', 'transient', 'transient'],
      'transient',
      'first retry retry retry retry',
      3,
    ],
  ])('%j: %s', async (outcomes, end, reasons, pauses) => {
    const made = await expectEnd(outcomes, end, reasons.split(' ').length);
    expect(made.reasons).toBe(reasons);
    expect(made.waits).toHaveLength(pauses);
  });
});

describe('what is kept is worth more patience', () => {
  const MUCH = { bytes: MIB, outcome: 'transient' } as const;
  const LITTLE = { bytes: MIB / 2, outcome: 'transient' } as const;

  it.each<[string, readonly Step[], string, number]>([
    ['seven failures without progress', times(7, 'transient'), 'done', 8],
    ['eight', times(8, 'transient'), 'transient', 8],
    ['eight, with progress in the last', [...times(7, 'transient'), MUCH], 'done', 9],
    ['many, each with progress', times(40, MUCH), 'done', 41],
    ['many, each with half of it', times(40, LITTLE), 'done', 41],
    ['many, each with next to nothing', times(40, { ...LITTLE, bytes: 1 }), 'transient', 8],
    ['expiry without progress', times(3, 'expired'), 'expired', 3],
    ['expiry, each with progress', times(40, { bytes: MIB, outcome: 'expired' }), 'done', 41],
    ['a signature that never fits', times(2, 'signature'), 'signature', 2],
    ['the end, whatever came', [{ bytes: MIB, outcome: 'fatal' }], 'fatal', 1],
  ])('%s', async (_what, steps, end, attempts) => {
    await expectEnd(steps, end, attempts, 'progress');
  });

  it('and progress begins the backing off anew', async () => {
    const clock = new TestClock();
    const engine = createTransferEngine({ clock, random: () => 0.5 });
    const work = withRetries(
      engine,
      new AbortController().signal,
      async ({ number, progressed }) => {
        progressed(number === 3 ? MIB : 0);
        if (number < 5) throw failed('transient');
      },
      'progress',
    );
    await work;
    expect(clock.waits).toEqual([250, 500, 250, 500]);
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

it('a host that throttles one attempt holds back all requests to it', async () => {
  const clock = new TestClock();
  const engine = createTransferEngine({ clock, random: () => 0 });
  const { signal } = new AbortController();
  let heldSince = Number.NaN;
  let admittedAt = Number.NaN;
  await withRetries(engine, signal, async ({ number }) => {
    if (number === 1) {
      heldSince = clock.now();
      throw new TransferError({
        code: 'storage_unavailable',
        message: 'slow down',
        outcome: 'throttled',
        host: HOST,
        retryAfterMs: 7000,
      });
    }
    (await engine.limiter.admit({ host: HOST }, signal))();
    admittedAt = clock.now();
  });
  expect(admittedAt - heldSince).toBe(7000);
  expect(clock.waits).toEqual([7000]);
});
