import { expect, it } from 'vitest';
import { transferCancel } from '../../../src/tools/transfer_cancel.ts';
import { TransferError } from '../../../src/transfer/failures/transfer_error.ts';
import { workflowWorld } from '../workflows/workflow_world.ts';
import { toolCall } from './tool_calls.ts';

it('a download that was failing already when it was stopped says what it has left', async () => {
  const call = toolCall(workflowWorld({}));
  const job = await call.jobs.start({
    owner: call.owner,
    key: 'k',
    kind: 'download',
    what: 'a.tif',
    run: ({ signal }) =>
      new Promise((_, reject) => {
        const error = new TransferError({ code: 'connection_lost', message: 'it broke.' });
        error.resumable = true;
        signal.addEventListener('abort', () => reject(error));
      }),
  });
  const { facts } = await transferCancel.invoke({ transfer_id: job.id }, call);
  expect(facts).toMatchObject({ status: 'cancelled', partial_kept: true });
});
