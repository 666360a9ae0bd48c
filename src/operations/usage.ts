import { z } from 'zod';
import { organizationId } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

export const usage = {
  current: defineOperation({
    id: 'usage.current',
    scope: 'usage:read',
    effect: 'read',
    summary:
      'Read what an organization has used in this billing period: tiles, storage, jobs and credits.',
    keywords: 'consumption consumed quota space left month limits statistics how much bandwidth',
    input: () => z.object({ organization_id: organizationId() }).strict(),
    output: untyped,
  }),

  history: defineOperation({
    id: 'usage.history',
    scope: 'usage:read',
    effect: 'read',
    summary: 'Read what an organization used in past months: tile requests and peak storage.',
    keywords: 'consumption trend previous statistics over time growth report year develop',
    input: () =>
      z
        .object({
          organization_id: organizationId(),
          months: z.number().int().default(3).describe('How many months to look back.'),
        })
        .strict(),
    output: untyped,
  }),
};
