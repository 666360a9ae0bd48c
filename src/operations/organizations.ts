import { z } from 'zod';
import { organizationId } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

export const organizations = {
  create: defineOperation({
    id: 'organizations.create',
    scope: 'organizations:write',
    effect: 'compute',
    idempotencyKey: true,
    summary:
      'Found a new organization, with the user as its owner. Not for new work inside one: that is a project.',
    keywords:
      'company team account sign up onboarding register start business tenant firm set make add',
    input: () =>
      z
        .object({
          name: z.string().min(1).describe('Name of the organization.'),
          description: z.string().nullish().describe('What it does, in words.'),
          website: z.string().nullish().describe('Address of its website.'),
          industry: z.string().nullish().describe('Its line of business, e.g. agriculture.'),
          size: z.string().nullish().describe('How many people it has, in words or as a range.'),
          country: z.string().nullish().describe('Country where it is based.'),
          abn: z.string().nullish().describe('Australian Business Number.'),
          tax_number: z.string().nullish().describe('Tax or VAT number, as printed on invoices.'),
          billing_email: z.string().nullish().describe('E-mail address that invoices go to.'),
          billing_admin_id: z
            .string()
            .nullish()
            .describe('User id (a UUID) of who looks after its billing.'),
          billing_address: z
            .record(z.unknown())
            .nullish()
            .describe('Postal address for invoices, part by part.'),
          enterprise_billing: z.boolean().default(false).describe('Bill it on enterprise terms.'),
        })
        .strict(),
    output: () =>
      z
        .object({
          id: z.string(),
          name: z.string(),
          slug: z.string(),
          enterprise_billing: z.boolean(),
        })
        .passthrough(),
  }),

  commitmentsList: defineOperation({
    id: 'organizations.commitments.list',
    scope: 'orders:read',
    effect: 'read',
    summary:
      'List the spending that the organization has committed to, how much is used, and what would fall due unused.',
    keywords:
      'minimum contract enterprise burn-down burnt down take-or-pay obligation remaining agreement bound annual owe',
    input: () =>
      z
        .object({
          commitment_id: z.string().nullish().describe('Only the commitment of this id.'),
          include_line_items: z
            .boolean()
            .default(false)
            .describe('Also each order and charge that counts towards it.'),
        })
        .strict(),
    output: untyped,
  }),

  commitmentsStatement: defineOperation({
    id: 'organizations.commitments.statement',
    scope: 'billing:read',
    effect: 'read',
    summary:
      'Read the enterprise statement of a month: every charge, what counted towards commitments, what was settled.',
    keywords:
      'monthly account report invoice bill reconciliation burn-down activity breakdown finance',
    input: () =>
      z
        .object({
          organization_id: organizationId(),
          period: z.string().nullish().describe('Month, e.g. 2024-06.'),
        })
        .strict(),
    output: untyped,
  }),
};
