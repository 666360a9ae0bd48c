import { z } from 'zod';
import { id } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

export const apiKeys = {
  create: defineOperation({
    id: 'api_keys.create',
    scope: 'api_keys:write',
    effect: 'share_export',
    // It hands out a secret that lasts, with rights of the organization.
    asksFirst: true,
    secrets: ['key'],
    summary:
      'Create an API key of the organization; its secret is shown this once. Whoever has it acts with its permissions until it expires or is revoked.',
    keywords:
      'mint generate issue new token credential access machine integration gpra make server script pipeline read-only',
    input: () =>
      z
        .object({
          name: z.string().min(1).max(200).describe('What the key is for.'),
          permissions: z
            .array(z.string())
            .optional()
            .describe('Scopes that it holds, e.g. items:read or uploads:*.'),
          rate_limit: z.number().int().min(1).nullish().describe('Most requests a minute.'),
          expires_in_days: z.number().int().min(1).nullish().describe('Days until it expires.'),
        })
        .strict(),
    output: () =>
      z
        .object({
          id: z.string(),
          key: z.string().nullish(),
          prefix: z.string(),
          name: z.string(),
          permissions: z.array(z.string()),
          expires_at: z.string().nullish(),
          created_at: z.string(),
        })
        .passthrough(),
  }),

  list: defineOperation({
    id: 'api_keys.list',
    scope: 'api_keys:read',
    effect: 'read',
    summary: 'List the API keys of the organization with their ids, names and permissions.',
    keywords: 'tokens credentials show active integrations permitted exist expire',
    input: () => z.object({}).strict(),
    output: untyped,
  }),

  revoke: defineOperation({
    id: 'api_keys.revoke',
    scope: 'api_keys:write',
    effect: 'destructive',
    summary: 'Revoke an API key for good. Whatever still uses it is refused from then on.',
    keywords:
      'disable delete remove leaked token credential secret deactivate rotate kill stolen compromised published block invalidate lost',
    input: () => z.object({ key_id: id('Key id, from api_keys.list; not the key.') }).strict(),
    output: () => z.object({ ok: z.boolean().optional(), id: z.string() }).passthrough(),
  }),
};
