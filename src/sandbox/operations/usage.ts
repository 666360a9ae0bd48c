import { usage } from '../../operations/usage.ts';
import type { SandboxContext } from '../context.ts';
import { balanceOf } from '../credits.ts';
import { handle, type OperationHandlers } from '../operation_handler.ts';
import { requireOrganization } from '../organizations.ts';
import { usedBytes } from '../quota.ts';

/** The OpenAPI leaves this answer untyped; its members are our reading. */
const current = handle(usage.current, (input, { context }) => {
  requireOrganization(context.store.state, input.organization_id);
  return { json: { organization_id: input.organization_id, ...usageOf(context) } };
});

/** All that was used counts for the month at hand; no month before it is kept. */
const history = handle(usage.history, (input, { context }) => {
  requireOrganization(context.store.state, input.organization_id);
  const month = context.settings.now().toISOString().slice(0, 7);
  const { storage_bytes, egress_bytes } = usageOf(context);
  return { json: { months: [{ month, peak_storage_bytes: storage_bytes, egress_bytes }] } };
});

export const usageOperations: OperationHandlers = { ...current, ...history };

function usageOf(context: SandboxContext) {
  const { state } = context.store;
  const spent = state.credit_transactions
    .filter(({ reason }) => reason !== 'topup')
    .reduce((total, { amount }) => total - amount, 0);
  return {
    storage_bytes: usedBytes(state),
    storage_quota_bytes: context.settings.quotaBytes,
    egress_bytes: state.egress_bytes,
    credits_spent: spent,
    credit_balance: balanceOf(context),
    jobs: state.clip_jobs.length + state.processing_jobs.length,
    orders: state.orders.length,
  };
}
