import { describe, expect, it } from 'vitest';
import { createTransferJobs } from '../../../src/jobs/transfer_jobs.ts';
import { ClientGaveUp } from '../../../src/tools/client_timeouts.ts';
import { EarlierFailure } from '../../../src/tools/earlier_outcome.ts';
import { runTransfer, type TransferPlan } from '../../../src/tools/run_transfer.ts';
import type { ToolAnswer } from '../../../src/tools/tool.ts';
import type { Act } from '../../../src/transfer/act.ts';
import { Cancelled } from '../../../src/transfer/cancelled.ts';
import { UploadFailed } from '../../../src/workflows/upload_failed.ts';
import { ManualClock } from '../jobs/manual_clock.ts';
import { workflowWorld } from '../workflows/workflow_world.ts';
import { toolCall } from './tool_calls.ts';

/** A call of a client that may leave, and what the log says. */
function openCall() {
  const clock = new ManualClock();
  const jobs = createTransferJobs<ToolAnswer>(clock);
  const client = new AbortController();
  const lines: { facts: object; message: string }[] = [];
  const keep = (facts: object, message: string) => lines.push({ facts, message });
  const world = workflowWorld({});
  const context = { ...world.context, log: { info: keep, warn: keep, error: keep } };
  const call = toolCall({ ...world, context }, { clock, jobs, signal: client.signal });
  return { call, client, jobs, lines };
}

function plan(run: (act: Act) => Promise<ToolAnswer>, more: Partial<TransferPlan> = {}) {
  return {
    kind: 'upload' as const,
    what: 'a.tif',
    sameAs: ['a'],
    waitSeconds: 45,
    prepare: async () => run,
    ...more,
  };
}

const untilStopped = ({ signal }: Act) =>
  new Promise<ToolAnswer>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

describe('a call that runs a transfer', () => {
  it('throws what cannot even begin, and starts nothing', async () => {
    const { call, jobs } = openCall();
    const error = new Error('no scope');
    const prepare = () => Promise.reject(error);
    await expect(runTransfer(plan(untilStopped, { prepare }), call)).rejects.toBe(error);
    expect(await jobs.list(call.owner)).toEqual([]);
  });

  it('starts nothing for a client that left meanwhile', async () => {
    const { call, jobs, client } = openCall();
    const prepare = async () => {
      client.abort(new ClientGaveUp());
      return untilStopped;
    };
    await expect(runTransfer(plan(untilStopped, { prepare }), call)).rejects.toThrow();
    expect(await jobs.list(call.owner)).toEqual([]);
  });

  it('leaves the transfer alone when the client gives up', async () => {
    const { call, jobs, client } = openCall();
    const running = runTransfer(plan(untilStopped), call);
    await new Promise(setImmediate);
    client.abort(new ClientGaveUp());
    await expect(running).rejects.toBeInstanceOf(ClientGaveUp);
    expect((await jobs.list(call.owner))[0]?.goesOn).toBe(true);
  });

  it('stops the transfer when the client cancels, and ends after it', async () => {
    const { call, jobs, client } = openCall();
    const running = runTransfer(plan(untilStopped), call);
    await new Promise(setImmediate);
    const reason = new Cancelled('cancelled by the client');
    client.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect((await jobs.list(call.owner))[0]?.outcome).toEqual({
      state: 'cancelled',
      error: reason,
    });
  });

  it('that was cancelled too late is told so at its next time, and moves nothing twice', async () => {
    const { call, jobs, client } = openCall();
    let runs = 0;
    const deaf = ({ signal }: Act) =>
      new Promise<ToolAnswer>((resolve) => {
        runs += 1;
        signal.addEventListener('abort', () => resolve({ facts: { upload_id: 'u_1' } }));
      });
    const running = runTransfer(plan(deaf), call);
    await new Promise(setImmediate);
    client.abort(new Cancelled('cancelled by the client'));
    await running;
    const { signal } = new AbortController();
    const again = await runTransfer(plan(deaf), { ...call, signal });
    expect(again.facts).toMatchObject({ upload_id: 'u_1', earlier_call: expect.any(String) });
    expect([runs, (await jobs.list(call.owner)).length]).toEqual([1, 1]);
  });

  it('that was cancelled is begun again, unless it may have been completed all the same', async () => {
    for (const [state, runsInAll] of [
      ['released', 2],
      ['over', 1],
    ] as const) {
      const { call, client } = openCall();
      let runs = 0;
      const completing = ({ signal }: Act) =>
        new Promise<ToolAnswer>((resolve, reject) => {
          runs += 1;
          if (runs > 1) resolve({ facts: {} });
          const failed = () => {
            const point = { step: 'complete' as const, cause: signal.reason };
            reject(new UploadFailed('u_1', point, { state }));
          };
          signal.addEventListener('abort', failed);
        });
      const running = runTransfer(plan(completing), call);
      await new Promise(setImmediate);
      client.abort(new Cancelled('cancelled by the client'));
      await expect(running).rejects.toBeInstanceOf(UploadFailed);
      const { signal } = new AbortController();
      const again = () => runTransfer(plan(completing), { ...call, signal });
      if (state === 'over') await expect(again()).rejects.toBeInstanceOf(EarlierFailure);
      else await again();
      expect(runs, state).toBe(runsInAll);
    }
  });

  it('leaves it to the log to tell of a failure while nobody waits', async () => {
    const { call, jobs, lines } = openCall();
    const error = new Error('SECRET');
    const fails = () => new Promise<never>((_, reject) => setImmediate(reject, error));
    await runTransfer(plan(fails, { waitSeconds: 0 }), call);
    const [job] = await jobs.list(call.owner);
    await job?.wait(1, new AbortController().signal);
    await new Promise(setImmediate);
    expect(lines).toEqual([
      { facts: { transfer: job?.id, code: 'internal' }, message: expect.any(String) },
    ]);
  });

  it.each<[string, () => Promise<ToolAnswer>, string[]]>([
    ['its end', async () => ({ facts: {} }), ['info']],
    ['its failure', () => Promise.reject(new Error('SECRET')), ['warning']],
    ['nothing once it was stopped', () => Promise.reject(new Error('stopped')), []],
  ])('tells the client, of a transfer for which nobody waits, %s', async (what, run, levels) => {
    const { call, jobs } = openCall();
    const told: string[] = [];
    let text = '';
    const tell = (level: string, message: string) => {
      told.push(level);
      text += message;
    };
    const starts = async () => {
      await new Promise(setImmediate);
      return run();
    };
    await runTransfer(plan(starts, { waitSeconds: 0 }), { ...call, tell });
    const [job] = await jobs.list(call.owner);
    if (what.includes('stopped')) job?.cancel(new Cancelled('cancelled by the client'));
    await job?.wait(1, new AbortController().signal);
    await new Promise(setImmediate);
    expect(told).toEqual(levels);
    expect(text).not.toContain('SECRET');
  });

  it('tells the failure itself where it waits', async () => {
    const { call, lines } = openCall();
    const error = new Error('broken');
    await expect(
      runTransfer(
        plan(() => Promise.reject(error)),
        call,
      ),
    ).rejects.toBe(error);
    await new Promise(setImmediate);
    expect(lines).toEqual([]);
  });
});

describe('two calls for the same thing', () => {
  it('share a transfer, which stops only when both are cancelled', async () => {
    const { call, client, jobs } = openCall();
    const other = new AbortController();
    const first = runTransfer(plan(untilStopped), call);
    await new Promise(setImmediate);
    const second = runTransfer(plan(untilStopped), { ...call, signal: other.signal });
    await new Promise(setImmediate);
    const reason = new Cancelled('cancelled by the client');
    client.abort(reason);
    await expect(first).rejects.toBe(reason);
    const [job] = await jobs.list(call.owner);
    expect(job?.goesOn).toBe(true);
    other.abort(reason);
    await expect(second).rejects.toBe(reason);
    expect(job?.outcome).toMatchObject({ state: 'cancelled' });
  });
});
