import type { CreditTransaction } from './account_records.ts';
import type { SandboxContext } from './context.ts';
import { newId } from './initial_state.ts';
import { ProblemError } from './problems.ts';

type Ledger = Pick<SandboxContext, 'store' | 'settings'>;

/** By the billing guide. */
export const CREDITS_PER_AUD = 100;

/** Credits of the organization: what the sandbox opened with and all that came and went since. */
export function balanceOf({ store, settings }: Ledger): number {
  return store.state.credit_transactions.reduce(
    (balance, { amount }) => balance + amount,
    settings.openingCredits,
  );
}

/** @throws ProblemError 402 if there are fewer credits */
export function requireCredits(ledger: Ledger, credits: number): void {
  const balance = balanceOf(ledger);
  if (credits <= balance) return;
  throw new ProblemError(402, `Insufficient credits: ${credits} needed, ${balance} available`);
}

/**
 * Takes credits for an order or a job.
 *
 * @throws ProblemError 402, and then none are taken
 */
export function spend(
  ledger: Ledger,
  credits: number,
  reason: CreditTransaction['reason'],
  reference: string,
): void {
  requireCredits(ledger, credits);
  note(ledger, -credits, reason, reference);
}

/** Gives back what an order or a job has cost so far: nothing the second time. */
export function refund(ledger: Ledger, reference: string): void {
  const spent = ledger.store.state.credit_transactions
    .filter((transaction) => transaction.reference === reference)
    .reduce((total, { amount }) => total - amount, 0);
  if (spent > 0) note(ledger, spent, 'refund', reference);
}

export function topUp(ledger: Ledger, credits: number): CreditTransaction {
  return note(ledger, credits, 'topup', null);
}

function note(
  { store, settings }: Ledger,
  amount: number,
  reason: CreditTransaction['reason'],
  reference: string | null,
): CreditTransaction {
  const created_at = settings.now().toISOString();
  const transaction = { id: newId('ctx'), amount, reason, reference, created_at };
  store.state.credit_transactions.push(transaction);
  return transaction;
}
