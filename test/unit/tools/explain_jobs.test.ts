import { expect, it } from 'vitest';
import { SessionTakenOver } from '../../../src/connectors/session_taken_over.ts';
import { ReplicaLost } from '../../../src/jobs/replica_lost.ts';
import { SharedStateAway } from '../../../src/jobs/shared_state_away.ts';
import { TooManyTransfers } from '../../../src/jobs/too_many_transfers.ts';
import { TransferForgotten } from '../../../src/jobs/transfer_forgotten.ts';
import { explain } from '../../../src/tools/explain.ts';

it.each([
  [new TooManyTransfers(7), 'too_many_transfers', '7 transfers are under way already'],
  [new ReplicaLost(), 'replica_lost', 'is released beside your next calls'],
  [new TransferForgotten(), 'transfer_forgotten', 'it is not known how it ended'],
  [new SessionTakenOver(), 'session_taken_over', 'was not completed'],
  [new SharedStateAway('secret'), 'shared_state_away', 'Transfers that run go on'],
])('%s is a reason to call again later', (error, code, words) => {
  const { what, next, ...explained } = explain(error);
  expect(explained).toEqual({ code, retryable: true });
  expect(what).toContain(words);
  expect(what + next).not.toContain('secret');
  expect(next).toMatch(/call again/i);
});
