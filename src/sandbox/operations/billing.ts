import { billing } from '../../operations/billing.ts';
import type { CreditTransaction } from '../account_records.ts';
import { balanceOf, CREDITS_PER_AUD, topUp } from '../credits.ts';
import { handle, type OperationHandlers } from '../operation_handler.ts';
import { requireOrganization } from '../organizations.ts';
import { offsetPage } from '../pages.ts';
import { usedBytes } from '../quota.ts';

/** The OpenAPI leaves this answer untyped; its members are our reading. */
const balance = handle(billing.creditsBalance, (_input, { context }) => {
  const credits = balanceOf(context);
  const organization_id = context.store.state.organization_id;
  return {
    json: { organization_id, balance: credits, balance_aud: credits / CREDITS_PER_AUD },
  };
});

/** Newest first. */
const transactions = handle(billing.creditsTransactions, (input, { context: { store } }) => {
  const matching = store.state.credit_transactions.filter(
    ({ reason }) => (input.reason ?? reason) === reason,
  );
  return { json: { transactions: offsetPage(matching.toReversed(), input) } };
});

/** There is no card: the credits come at once. */
const buy = handle(billing.topup, async ({ credits }, { context }) => {
  const transaction: CreditTransaction = topUp(context, credits);
  await context.store.save();
  return {
    json: {
      id: transaction.id,
      status: 'succeeded',
      credits,
      charged_aud: credits / CREDITS_PER_AUD,
      balance: balanceOf(context),
    },
  };
});

const plans = handle(billing.plansList, (_input, { context: { settings } }) => ({
  json: {
    plans: [
      {
        id: 'sandbox',
        name: 'Sandbox',
        price_aud: 0,
        limits: { storage_bytes: settings.quotaBytes },
        features: ['uploads', 'clips', 'orders'],
      },
    ],
  },
}));

const status = handle(billing.statusGet, (input, { context }) => {
  const { state } = context.store;
  requireOrganization(state, input.organization_id);
  return {
    json: {
      organization_id: state.organization_id,
      plan: 'sandbox',
      status: 'active',
      credit_balance: balanceOf(context),
      storage_bytes: usedBytes(state),
      storage_quota_bytes: context.settings.quotaBytes,
    },
  };
});

export const billingOperations: OperationHandlers = {
  ...balance,
  ...transactions,
  ...buy,
  ...plans,
  ...status,
};
