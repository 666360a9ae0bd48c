import { z } from 'zod';
import { id } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

const rowId = () => id('Id of the saved card in payment_methods.list, not its pm_ or cst_ id.');

const paymentMethod = () =>
  z.object({ id: z.string().nullish(), isDefault: z.boolean().optional() }).passthrough();

export const paymentMethods = {
  createSetupIntent: defineOperation({
    id: 'payment_methods.create_setup_intent',
    scope: 'billing:write',
    effect: 'compute',
    secrets: ['client_secret'],
    summary:
      'Begin to save a card: answers the secret with which its holder enters it in a browser. Then payment_methods.attach.',
    keywords:
      'add new credit debit register visa mastercard bank store first step start put on file',
    input: () => z.object({}).strict(),
    output: () =>
      z
        .object({
          client_secret: z.string(),
          setup_intent_id: z.string(),
          customer_id: z.string(),
          env: z.string(),
        })
        .passthrough(),
  }),

  attach: defineOperation({
    id: 'payment_methods.attach',
    scope: 'billing:write',
    effect: 'compute',
    summary: 'Save a card that its holder has confirmed, for later charges to the organization.',
    keywords: 'add store credit debit finish keep bank completed second step put on file',
    input: () =>
      z
        .object({
          payment_method_id: z
            .string()
            .min(4)
            .regex(/^(cst|pm)_[A-Za-z0-9_]+$/)
            .describe('Id that the confirmation gave, as cst_… or pm_….'),
        })
        .strict(),
    output: paymentMethod,
  }),

  setDefault: defineOperation({
    id: 'payment_methods.set_default',
    scope: 'billing:write',
    effect: 'compute',
    repeatable: true,
    summary: 'Choose the saved card that is charged from now on.',
    keywords: 'switch change primary main credit debit pay use instead prefer standard different',
    input: () => z.object({ payment_method_row_id: rowId() }).strict(),
    output: paymentMethod,
  }),

  detach: defineOperation({
    id: 'payment_methods.detach',
    scope: 'billing:write',
    effect: 'destructive',
    summary: 'Remove a saved card from the organization, so that it can no longer be charged.',
    keywords: 'delete forget old expired credit debit take off stop using cancelled lost',
    input: () => z.object({ payment_method_row_id: rowId() }).strict(),
    output: () => z.object({ ok: z.boolean().optional() }).passthrough(),
  }),

  list: defineOperation({
    id: 'payment_methods.list',
    scope: 'billing:read',
    effect: 'read',
    summary: 'List the saved cards of the organization and which of them is charged.',
    keywords: 'show credit debit on file default stored visa mastercard used',
    input: () => z.object({}).strict(),
    output: untyped,
  }),
};
