import { expect, it } from 'vitest';
import { TooManyTransfers } from '../../../src/jobs/too_many_transfers.ts';
import { explain } from '../../../src/tools/explain.ts';

it('too many transfers are a reason to wait, and nothing was started', () => {
  expect(explain(new TooManyTransfers(20))).toMatchObject({
    code: 'too_many_transfers',
    what: expect.stringContaining('20 transfers are under way already'),
    next: expect.stringContaining('transfer_status'),
    retryable: true,
  });
});
