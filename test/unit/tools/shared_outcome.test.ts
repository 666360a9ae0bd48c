import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/jobs/transfer_job.ts';
import { explain } from '../../../src/tools/explain.ts';
import { leftBehind } from '../../../src/tools/left_behind.ts';
import { sharedOutcomes } from '../../../src/tools/shared_outcome.ts';
import type { ToolAnswer } from '../../../src/tools/tool.ts';
import { Cancelled } from '../../../src/transfer/cancelled.ts';
import { TransferError } from '../../../src/transfer/failures/transfer_error.ts';
import { UploadFailed } from '../../../src/workflows/upload_failed.ts';

/** The outcome as another server has it. */
const cross = (outcome: Outcome<ToolAnswer>) =>
  sharedOutcomes.read(JSON.parse(JSON.stringify(sharedOutcomes.write(outcome))));

const broken = new TransferError({
  code: 'connection_lost',
  message: 'it broke.',
  outcome: 'transient',
});
const resumable = new TransferError({ code: 'stalled', message: 'nothing moved.' });
resumable.resumable = true;
const kept = new Cancelled('cancelled with transfer_cancel', { keepPartial: true });
kept.partialKept = true;

describe('an outcome on another server', () => {
  it('has the same facts, and no link to a file of this machine', () => {
    const facts = { path: '/data/a.tif', bytes: 3, files: [{ file_name: 'a.tif' }] };
    const result = { facts, file: { path: '/data/a.tif', bytes: 3 } };
    expect(cross({ state: 'completed', result })).toEqual({
      state: 'completed',
      result: { facts },
    });
  });

  it.each<[string, unknown]>([
    ['a transfer error', broken],
    ['a download that left what came', resumable],
    ['a cancellation that kept what came', kept],
    [
      'a released upload',
      new UploadFailed('u_1', { step: 'transfer', cause: broken }, { state: 'released' }),
    ],
    [
      'an upload whose storage is held',
      new UploadFailed(
        'u_2',
        { step: 'sign', cause: broken, fileName: 'a.tif' },
        { state: 'held', reason: 'r' },
      ),
    ],
    [
      'an upload that may be done',
      new UploadFailed('u_3', { step: 'complete', cause: kept }, { state: 'over' }),
    ],
    ['a fault of ours', new Error('SECRET')],
  ])('%s is told word for word, with what it left', (_, error) => {
    const outcome = cross({ state: 'cancelled', error });
    if (outcome.state === 'completed') throw new Error('it failed');
    expect(outcome.state).toBe('cancelled');
    expect(explain(outcome.error)).toEqual(explain(error));
    expect(leftBehind(outcome.error)).toEqual(leftBehind(error));
    expect(JSON.stringify(sharedOutcomes.write({ state: 'failed', error }))).not.toContain(
      'SECRET',
    );
  });

  it('that cannot be read is a failure, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(sharedOutcomes.read(json).state).toBe('failed');
      }),
    );
  });
});
