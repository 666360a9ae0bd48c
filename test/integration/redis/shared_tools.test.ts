import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explain } from '../../../src/tools/explain.ts';
import { runTransfer, type TransferPlan } from '../../../src/tools/run_transfer.ts';
import { sharedOutcomes } from '../../../src/tools/shared_outcome.ts';
import type { OfferedCall, ToolAnswer } from '../../../src/tools/tool.ts';
import { transferCancel } from '../../../src/tools/transfer_cancel.ts';
import { transferStatus } from '../../../src/tools/transfer_status.ts';
import type { Act } from '../../../src/transfer/act.ts';
import { systemClock } from '../../../src/transfer/clock.ts';
import { UploadFailed } from '../../../src/workflows/upload_failed.ts';
import { toolCall } from '../../unit/tools/tool_calls.ts';
import { workflowWorld } from '../../unit/workflows/workflow_world.ts';
import { needsRedis, type RedisServer, startRedis } from './redis_server.ts';
import { startReplicaOf, type TestReplica } from './replicas.ts';

describe.skipIf(needsRedis !== '')(`the tools of two servers${needsRedis}`, () => {
  let server: RedisServer;
  let replicas: TestReplica<ToolAnswer>[];
  /** A call at each of them, of one owner. */
  let calls: { readonly here: OfferedCall; readonly there: OfferedCall };

  beforeEach(async () => {
    server = await startRedis();
    const [a, b] = [
      await startReplicaOf(sharedOutcomes, server),
      await startReplicaOf(sharedOutcomes, server),
    ];
    replicas = [a, b];
    const call = ({ jobs }: TestReplica<ToolAnswer>) =>
      toolCall(workflowWorld({}), { jobs, clock: systemClock });
    calls = { here: call(a), there: call(b) };
  });

  afterEach(async () => {
    for (const replica of replicas) await replica.close();
    await server.close();
  });

  function plan(run: (act: Act) => Promise<ToolAnswer>): TransferPlan {
    const prepare = async () => run;
    return { kind: 'upload', what: 'a.tif', sameAs: ['a'], waitSeconds: 0, prepare };
  }

  async function started(run: (act: Act) => Promise<ToolAnswer>): Promise<string> {
    const { facts } = await runTransfer(plan(run), calls.here);
    return String(facts['transfer_id']);
  }

  /** A transfer that ends when the test says so. */
  function heldAnswer() {
    let end: (answer: ToolAnswer) => void = () => undefined;
    const answer = new Promise<ToolAnswer>((resolve) => {
      end = resolve;
    });
    return { run: () => answer, end: (it: ToolAnswer) => end(it) };
  }

  const released = ({ signal }: Act) =>
    new Promise<ToolAnswer>((_, reject) => {
      signal.addEventListener('abort', () => {
        const point = { step: 'transfer' as const, cause: signal.reason };
        reject(new UploadFailed('u_1', point, { state: 'released' }));
      });
    });

  it('cancel a transfer of the other one, and say what became of its reservation', async () => {
    const transfer_id = await started(released);
    const { facts } = await transferCancel.invoke({ transfer_id }, calls.there);
    expect(facts).toEqual({
      transfer_id,
      status: 'cancelled',
      detail: expect.stringContaining('upload session u_1 was released'),
      upload_id: 'u_1',
      reservation: 'released',
    });
    const told = await transferStatus.invoke({ transfer_id }, calls.there).catch(explain);
    const toldHere = await transferStatus.invoke({ transfer_id }, calls.here).catch(explain);
    expect(told).toEqual(toldHere);
  });

  it('list and follow a transfer of the other one to its answer', async () => {
    const held = heldAnswer();
    const transfer_id = await started(held.run);
    const { facts } = await transferStatus.invoke({}, calls.there);
    expect(facts).toMatchObject({ transfers: [{ transfer_id, status: 'running', what: 'a.tif' }] });
    const followed = transferStatus.invoke({ transfer_id, wait_seconds: 20 }, calls.there);
    held.end({ facts: { upload_id: 'u_1' }, file: { path: '/a.tif', bytes: 3 } });
    expect(await followed).toEqual({
      facts: { status: 'completed', transfer_id, upload_id: 'u_1' },
    });
  });

  it('give an outcome of which nobody has heard to the same call at the other one', async () => {
    const held = heldAnswer();
    const transfer_id = await started(held.run);
    held.end({ facts: { upload_id: 'u_1' } });
    const seen = await calls.there.jobs.find(calls.there.owner, transfer_id);
    await seen?.wait(20_000, calls.there.signal);
    const never = () => Promise.reject(new Error('it runs twice'));
    const { facts } = await runTransfer(plan(never), calls.there);
    expect(facts).toMatchObject({
      transfer_id,
      upload_id: 'u_1',
      earlier_call: expect.stringContaining('Nothing was moved again'),
    });
  });
});
