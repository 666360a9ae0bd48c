import { z } from 'zod';
import { id, tileAddress } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

/** What opens a shared item or collection, together. */
const key = () => ({
  token: z.string().describe('Token of the share link.'),
  password: z.string().default('').describe('Password of the share link.'),
});

const profile = () =>
  z.string().nullish().describe('Visualization profile to draw it with; the default if absent.');

export const share = {
  linkCreate: defineOperation({
    id: 'share.link.create',
    scope: 'shares:write',
    effect: 'share_export',
    idempotencyKey: true,
    // Whoever gets the link gets the data, with no account of their own.
    asksFirst: true,
    secrets: ['token'],
    summary:
      'Make a link by which people without an account see one item or collection. The user chooses the password and says who gets it; the token is answered this once alone.',
    keywords:
      'publish send public url external viewer client guest hand out export show outside customer partner protected expires login',
    input: () =>
      z
        .object({
          target_type: z.enum(['item', 'collection']).describe('What kind of thing is shared.'),
          target_id: id('Id of that item or collection.'),
          permission: z
            .enum(['view', 'download'])
            .default('view')
            .describe('What the link allows; download gives the files away.'),
          password: z
            .string()
            .min(8)
            .describe('Password that viewers must enter, at least 8 characters.'),
          expires_at: z
            .string()
            .datetime({ offset: true })
            .describe('When the link ends, e.g. 2030-01-31T00:00:00Z.'),
        })
        .strict(),
    output: () =>
      z
        .object({
          id: z.string(),
          token: z.string(),
          target_type: z.string(),
          target_id: z.string(),
          permission: z.string(),
          organization_id: z.string(),
          project_id: z.string(),
          expires_at: z.string(),
          revoked_at: z.string().nullish(),
          access_count: z.number().int().optional(),
          last_accessed_at: z.string().nullish(),
          created_by: z.string().nullish(),
          created_at: z.string(),
        })
        .passthrough(),
  }),

  linkRevoke: defineOperation({
    id: 'share.link.revoke',
    scope: 'shares:write',
    effect: 'destructive',
    summary:
      'End a share link at once and for good; whoever has it sees nothing more. Needs an editor or admin of the project.',
    keywords:
      'unshare stop disable cancel withdraw invalidate public url access delete no longer client customer',
    input: () =>
      z.object({ link_id: id('Id (not the token) of the link, from share.link.create.') }).strict(),
    output: () => z.object({ ok: z.boolean().optional(), id: z.string() }).passthrough(),
  }),

  linkValidate: defineOperation({
    id: 'share.link.validate',
    scope: 'shares:read',
    effect: 'read',
    summary: 'Open a share link with its token and password, and read what it shares.',
    keywords: 'redeem check works valid expired received access guest test',
    input: () => z.object(key()).strict(),
    output: () =>
      z
        .object({ permission: z.string(), target_type: z.string(), target: z.record(z.unknown()) })
        .passthrough(),
  }),

  tilejson: defineOperation({
    id: 'share.tilejson',
    scope: 'shares:read',
    effect: 'read',
    // Its addresses may carry what opens the link.
    secrets: ['tiles'],
    summary:
      'Read the TileJSON of a shared item: bounds, zoom levels, and where a map client gets its tiles.',
    keywords: 'link layer web leaflet openlayers guest viewer embed maplibre',
    input: () => z.object({ ...key(), profile: profile() }).strict(),
    output: untyped,
  }),

  tileRender: defineOperation({
    id: 'share.tile.render',
    scope: 'shares:read',
    effect: 'read',
    response: 'image',
    summary:
      'Draw one map tile of a shared item, with the token of its link. It counts as usage of who shared it.',
    keywords: 'image picture png preview guest viewer look see received',
    input: () =>
      z
        .object({
          ...key(),
          ...tileAddress(),
          format: z.string().default('png').describe('Image format, e.g. png or webp.'),
          profile: profile(),
        })
        .strict(),
    output: untyped,
  }),
};
