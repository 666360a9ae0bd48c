import { TooManyTransfers } from '../jobs/too_many_transfers.ts';
import type { Explanation } from './explanation.ts';

/** Words for what the transfers themselves refuse, whatever they move; undefined for other errors. */
export function explainJobs(error: unknown): Explanation | undefined {
  if (error instanceof TooManyTransfers) return explainTooMany(error);
  return undefined;
}

function explainTooMany({ most }: TooManyTransfers): Explanation {
  return {
    code: 'too_many_transfers',
    what: `${most} transfers are under way already, and no more may be at a time. Nothing was started.`,
    next: 'Wait for one of them with transfer_status (without a transfer_id it lists them), or stop one with transfer_cancel; then call again.',
    retryable: true,
  };
}
