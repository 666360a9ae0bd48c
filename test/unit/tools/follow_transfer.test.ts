import { describe, expect, it } from 'vitest';
import { createTransferJobs } from '../../../src/jobs/transfer_jobs.ts';
import { followTransfer } from '../../../src/tools/follow_transfer.ts';
import type { ProgressNotification } from '../../../src/tools/progress_notifier.ts';
import type { ToolAnswer } from '../../../src/tools/tool.ts';
import type { Act } from '../../../src/transfer/act.ts';
import { ManualClock } from '../jobs/manual_clock.ts';
import { workflowWorld } from '../workflows/workflow_world.ts';
import { toolCall } from './tool_calls.ts';

const MB = 1_000_000;

/** A transfer of 100 MB that moves when the test says so, and a call that waits for it. */
async function followed(seconds: number) {
  const clock = new ManualClock();
  const jobs = createTransferJobs<ToolAnswer>(clock);
  const told: (ProgressNotification & { readonly at: number })[] = [];
  const start = clock.now();
  const notify = (it: ProgressNotification) => told.push({ at: clock.now() - start, ...it });
  const stop = new AbortController();
  const call = toolCall(workflowWorld({}), { clock, jobs, notify, signal: stop.signal });
  let act: Act | undefined;
  let end: (answer: ToolAnswer) => void = () => undefined;
  const job = await jobs.start({
    owner: call.owner,
    key: 'k',
    kind: 'upload',
    what: 'harbour.tif',
    bytesTotal: 100 * MB,
    run: (given) => {
      act = given;
      return new Promise((resolve) => {
        end = resolve;
      });
    },
  });
  return {
    clock,
    told,
    stop,
    waited: followTransfer(job, seconds, call),
    move: (done: number) =>
      act?.onProgress({ done: done * MB, total: 100 * MB, message: 'Uploading harbour.tif' }),
    end: () => end({ facts: {} }),
  };
}

describe('a call that waits for a transfer', () => {
  it('tells its progress: rising, with the total from the start, pace and time left', async () => {
    const { clock, told, waited, move, end } = await followed(45);
    for (let s = 0; s <= 10; s += 1) {
      move(s * 5);
      await clock.pass(1_000);
    }
    move(100);
    end();
    expect(await waited).toMatchObject({ state: 'completed' });
    const values = told.map(({ progress }) => progress);
    expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
    expect(told.every(({ total }) => total === 100 * MB)).toBe(true);
    expect(told[10]?.message).toBe(
      'Uploading harbour.tif: 50.0 MB of 100.0 MB, 5.0 MB/s, about 10 s left',
    );
    expect(told.at(-1)).toMatchObject({
      progress: 100 * MB,
      message: 'Uploading harbour.tif: 100.0 MB of 100.0 MB',
    });
  });

  it('hears from it at least every ten seconds while no byte moves, and no more when it is over', async () => {
    const { clock, told, waited } = await followed(45);
    for (let s = 1; s <= 45; s += 1) await clock.pass(1_000);
    expect(await waited).toBeUndefined();
    const times = [0, ...told.map(({ at }) => at)];
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(10_000);
    expect(times.length).toBeGreaterThan(4);
    const before = told.length;
    for (let s = 1; s <= 30; s += 1) await clock.pass(1_000);
    expect(told).toHaveLength(before);
  });

  it('hears nothing any more once it was cancelled', async () => {
    const { clock, told, waited, stop, move } = await followed(45);
    const reason = new Error('gone');
    stop.abort(reason);
    await expect(waited).rejects.toBe(reason);
    move(50);
    await clock.pass(20_000);
    expect(told).toEqual([]);
  });
});
