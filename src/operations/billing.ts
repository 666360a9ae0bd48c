import { z } from 'zod';
import { id, offsetPaging, organizationId } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

const approvalId = () => id('Approval id, from billing.approvals.list.');

/** An amount; what a credit costs is from the billing guide. */
const credits = (what: string) =>
  z.number().int().min(1).describe(`${what}; 100 credits are 1 AUD.`);

const listOfInvoices = () =>
  z.object({ limit: z.number().int().default(50).describe('Most invoices to list.') }).strict();

const approval = () => z.object({ id: z.string() }).passthrough();

export const billing = {
  topup: defineOperation({
    id: 'billing.topup',
    scope: 'billing:write',
    effect: 'external_spend',
    // By guides/billing a card may demand 3-D Secure; the secret of such a payment is for its holder.
    secrets: ['client_secret'],
    summary:
      'Buy credits: charge the default card now. 100 credits cost 1 AUD; the bank may want the card holder to confirm it.',
    keywords:
      'top up add more funds money recharge purchase pay refill load balance wallet dollars put account',
    // Free-form, and guides/billing was seen without its body: named as in billing.approvals.request.
    input: () => z.object({ credits: credits('Credits to buy') }).passthrough(),
    output: untyped,
  }),

  creditsBalance: defineOperation({
    id: 'billing.credits.balance',
    scope: 'billing:read',
    effect: 'read',
    summary: 'Read how many credits the organization has. 100 credits are 1 AUD.',
    keywords: 'money left remaining funds wallet account afford enough budget current',
    input: () => z.object({}).strict(),
    output: untyped,
  }),

  creditsTransactions: defineOperation({
    id: 'billing.credits.transactions',
    scope: 'billing:read',
    effect: 'read',
    summary: 'List what credits were spent, reserved, refunded and granted, entry by entry.',
    keywords: 'ledger history spending charges statement costs debits movements where did money go',
    input: () =>
      z
        .object({
          ...offsetPaging(50),
          reason: z.string().nullish().describe('Only entries with this reason, e.g. refund.'),
        })
        .strict(),
    output: untyped,
  }),

  setAutoTopup: defineOperation({
    id: 'billing.set_auto_topup',
    scope: 'billing:write',
    effect: 'compute',
    repeatable: true,
    // The API calls it compute, yet from then on the card is charged with nobody asked.
    asksFirst: true,
    summary:
      'Switch automatic buying of credits on or off. While on, the default card is charged whenever the balance falls below the threshold.',
    keywords:
      'recharge refill recurring payment limit cap automatically top-up runs low activate deactivate refuel',
    input: () =>
      z
        .object({
          enabled: z.boolean().describe('True switches it on, which needs a default card.'),
          threshold_credits: credits('Balance below which it buys'),
          topup_amount_credits: credits('Credits that it buys each time'),
          daily_charge_cap_aud: z
            .number()
            .positive()
            .nullish()
            .describe('Most AUD to charge a day.'),
        })
        .strict(),
    output: () =>
      z
        .object({
          enabled: z.boolean(),
          threshold_credits: z.number().int(),
          topup_amount_credits: z.number().int(),
        })
        .passthrough(),
  }),

  autoTopupGet: defineOperation({
    id: 'billing.auto_topup.get',
    scope: 'billing:read',
    effect: 'read',
    summary: 'Read whether credits are bought automatically, from which threshold and how many.',
    keywords: 'top-up settings recharge refill enabled cap limit currently',
    input: () => z.object({}).strict(),
    output: untyped,
  }),

  approvalsRequest: defineOperation({
    id: 'billing.approvals.request',
    scope: 'billing:write',
    effect: 'compute',
    summary:
      'Ask for approval of a large purchase of credits. Nothing is charged until a person approves it in Geopera.',
    keywords:
      'permission sign-off manager authorize big buy top up boss finance spend allow permit',
    input: () =>
      z
        .object({
          credits: credits('Credits to buy'),
          expiry_hours: z
            .number()
            .int()
            .min(1)
            .max(720)
            .nullish()
            .describe('Hours until the request lapses, at most 720.'),
        })
        .strict(),
    output: approval,
  }),

  approvalsReject: defineOperation({
    id: 'billing.approvals.reject',
    scope: 'billing:write',
    effect: 'compute',
    summary: 'Turn down a purchase of credits that waits for approval.',
    keywords: 'deny decline refuse cancel request boss disapprove',
    input: () =>
      z
        .object({
          approval_id: approvalId(),
          reason: z.string().nullish().describe('Why, for whoever asked.'),
        })
        .strict(),
    output: approval,
  }),

  approvalsList: defineOperation({
    id: 'billing.approvals.list',
    scope: 'billing:read',
    effect: 'read',
    summary: 'List the purchases of credits that wait for approval or were decided.',
    keywords: 'pending requests sign-off outstanding approved rejected awaiting boss decisions',
    input: () =>
      z
        .object({
          status: z.string().nullish().describe('Only those in this state, e.g. pending.'),
        })
        .strict(),
    output: untyped,
  }),

  approvalsGet: defineOperation({
    id: 'billing.approvals.get',
    scope: 'billing:read',
    effect: 'read',
    summary: 'Read one purchase approval: the amount, its state and when it lapses.',
    keywords: 'status request credits sign-off check decided expire single decision approved',
    input: () => z.object({ approval_id: approvalId() }).strict(),
    output: untyped,
  }),

  statusGet: defineOperation({
    id: 'billing.status.get',
    scope: 'billing:read',
    effect: 'read',
    summary: 'Read the billing state and the current usage of an organization.',
    keywords:
      'plan subscription quota storage used past due account overdue good standing behind unpaid debt active suspended',
    input: () => z.object({ organization_id: organizationId() }).strict(),
    output: untyped,
  }),

  plansList: defineOperation({
    id: 'billing.plans.list',
    scope: 'billing:read',
    effect: 'read',
    summary: 'List the plans on offer with their quotas and features.',
    keywords:
      'pricing tiers subscription limits compare upgrade free enterprise cost packages choose',
    input: () => z.object({}).strict(),
    output: untyped,
  }),

  invoicesList: defineOperation({
    id: 'billing.invoices.list',
    scope: 'billing:read',
    effect: 'read',
    summary: 'List the enterprise invoices of the organization, made up of settled orders.',
    keywords: 'statements owed monthly accounting contract due paid documents',
    input: listOfInvoices,
    output: untyped,
  }),

  stripeInvoicesList: defineOperation({
    id: 'billing.stripe_invoices.list',
    scope: 'billing:read',
    effect: 'read',
    // By the names that Stripe gives to addresses that open an invoice to whoever has them.
    secrets: ['hosted_invoice_url', 'invoice_pdf'],
    summary:
      'List the Stripe invoices of the organization. None may also mean that Stripe did not answer.',
    keywords: 'card payments receipts charged tax pdf visa download',
    input: listOfInvoices,
    output: untyped,
  }),
};
