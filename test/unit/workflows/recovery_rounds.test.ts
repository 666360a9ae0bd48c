import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CrashedSession } from '../../../src/workflows/crashed_session.ts';
import { startRecoveryRounds } from '../../../src/workflows/recovery_rounds.ts';
import { sessionRecord } from './session_records.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rounds-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/**
 * Goes as many rounds as there are outcomes; waits take no time but what they are told to. Answers
 * waits and what was skipped.
 */
async function go(
  outcomes: readonly (CrashedSession | 'throws' | 'nothing')[],
  takes = (_wait: number, ms: number) => ms,
) {
  let now = 0;
  const waits: number[] = [];
  const skipped: boolean[] = [];
  const warnings: string[] = [];
  const record = sessionRecord();
  await new Promise<void>((resolve) => {
    const rounds = startRecoveryRounds({
      folder,
      clock: {
        now: () => now,
        async wait(ms, signal) {
          signal.throwIfAborted();
          now += takes(waits.length, ms);
          waits.push(ms);
          if (waits.length <= outcomes.length) return;
          await new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
            void rounds.stop().then(resolve);
          });
        },
      },
      log: {
        info: () => undefined,
        warn: (_, words) => warnings.push(words),
        error: () => undefined,
      },
      async sweep(skips) {
        const outcome = outcomes[skipped.length];
        skipped.push(skips(record));
        if (outcome === 'throws') throw new Error('EIO');
        return outcome === undefined || outcome === 'nothing' ? [] : [{ record, outcome }];
      },
    });
  });
  return { waits, skipped, warnings };
}

const held = (again: boolean): CrashedSession => ({
  state: 'held',
  uploadId: 'u',
  reason: 'no',
  again,
});

describe('the rounds of the recovery', () => {
  it('look at no session where there is no record, nor any folder', async () => {
    expect((await go(['nothing'])).skipped).toEqual([]);
    await rm(folder, { recursive: true });
    expect(await go(['nothing'])).toMatchObject({ skipped: [], warnings: [] });
  });

  it('begin after a second, go on each minute, and grow rarer while the API is down', async () => {
    await writeFile(join(folder, 'a.json'), '');
    const { waits } = await go([held(true), held(true), held(true), 'nothing', 'nothing']);
    expect(waits).toEqual([1_000, 60_000, 120_000, 240_000, 60_000, 60_000]);
  });

  it('try a session that was refused no second time', async () => {
    await writeFile(join(folder, 'a.json'), '');
    expect((await go([held(true), held(false), 'nothing'])).skipped).toEqual([false, false, true]);
  });

  it('after a sleep of the machine give the owners time to say that they live', async () => {
    await writeFile(join(folder, 'a.json'), '');
    const hour = 60 * 60 * 1000;
    const slept = (wait: number, ms: number) => (wait === 1 ? hour : ms);
    const { waits, skipped } = await go(['nothing', 'nothing', 'nothing'], slept);
    expect(waits).toEqual([1_000, 60_000, 60_000, 60_000]);
    expect(skipped).toHaveLength(2);
  });

  it('go on after a round that failed', async () => {
    await writeFile(join(folder, 'a.json'), '');
    const { warnings, skipped } = await go(['throws', 'nothing']);
    expect([warnings.length, skipped.length]).toEqual([1, 2]);
  });
});
