import { z } from 'zod';

const nullableText = z.string().nullable();

/** One line of the credit ledger. */
const creditTransactionSchema = z.object({
  id: z.string(),
  /** Credits that came (positive) or went. */
  amount: z.number().int(),
  reason: z.enum(['topup', 'order', 'clip', 'processing', 'refund']),
  /** Id of the order or job that it is for. */
  reference: nullableText,
  created_at: z.string(),
});

/** What is shown of an API key; its secret is the token of the principal of the same id. */
const apiKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  permissions: z.array(z.string()),
  rate_limit: z.number().int().nullable(),
  expires_at: nullableText,
  revoked_at: nullableText,
  created_by: z.string(),
  created_at: z.string(),
});

const shareLinkSchema = z.object({
  id: z.string(),
  /** Digests: neither the token nor the password can be read back. */
  token_digest: z.string(),
  password_digest: z.string(),
  target_type: z.enum(['item', 'collection']),
  target_id: z.string(),
  permission: z.enum(['view', 'download']),
  project_id: z.string(),
  expires_at: z.string(),
  revoked_at: nullableText,
  access_count: z.number().int(),
  last_accessed_at: nullableText,
  created_by: z.string(),
  created_at: z.string(),
});

/** A webhook. The sandbox sends nothing out, so that its signing secret is not kept. */
const eventSubscriptionSchema = z.object({
  id: z.string(),
  event_type: z.string(),
  endpoint_url: z.string(),
  filter_config: z.record(z.unknown()),
  headers: z.record(z.string()),
  description: nullableText,
  active: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
});

const alertRuleSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: nullableText,
  collection_id: nullableText,
  event_types: z.array(z.string()),
  expression: z.string(),
  comparison: z.string(),
  threshold: z.number(),
  threshold_upper: z.number().nullable(),
  asset_key: z.string(),
  band_mapping: z.record(z.number().int()),
  notification_channels: z.array(z.string()),
  cooldown_minutes: z.number().int(),
  active: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
});

const notificationSchema = z.object({
  id: z.string(),
  type: z.string(),
  title: z.string(),
  message: z.string(),
  /** Id of what it tells of. */
  reference: nullableText,
  read_at: nullableText,
  dismissed_at: nullableText,
  created_at: z.string(),
});

/** What belongs to the organization rather than to a project. Older sandboxes wrote none of it. */
export const accountRecords = {
  credit_transactions: z.array(creditTransactionSchema).default([]),
  api_keys: z.array(apiKeySchema).default([]),
  share_links: z.array(shareLinkSchema).default([]),
  event_subscriptions: z.array(eventSubscriptionSchema).default([]),
  alert_rules: z.array(alertRuleSchema).default([]),
  notifications: z.array(notificationSchema).default([]),
  /** Ids of the licence documents that the organization has accepted. */
  accepted_documents: z.array(z.string()).default([]),
};

export type CreditTransaction = z.infer<typeof creditTransactionSchema>;
export type ApiKey = z.infer<typeof apiKeySchema>;
export type ShareLink = z.infer<typeof shareLinkSchema>;
export type EventSubscription = z.infer<typeof eventSubscriptionSchema>;
export type AlertRule = z.infer<typeof alertRuleSchema>;
export type Notification = z.infer<typeof notificationSchema>;
