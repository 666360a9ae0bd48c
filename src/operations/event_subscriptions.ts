import { z } from 'zod';
import { id } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

const subscriptionId = () => id('Subscription id.');
const eventType = () => z.string().describe('Type of event, e.g. order.fulfilled.');
const endpointUrl = () =>
  z.string().describe('HTTPS address that takes the deliveries; it must be public.');
const filterConfig = () =>
  z.record(z.unknown()).describe('What events must match, e.g. {"entity_type": "item"}.');
const headers = () => z.record(z.string()).describe('HTTP headers to add to each delivery.');
const note = () => z.string().describe('What it is for, in words.');

const subscription = () => z.object({ id: z.string() }).passthrough();

export const eventSubscriptions = {
  create: defineOperation({
    id: 'event_subscriptions.create',
    scope: 'event_subscriptions:write',
    effect: 'compute',
    idempotencyKey: true,
    // The guide tells of the secret (whsec_…), but not under which of the usual names it comes.
    secrets: ['secret', 'signing_secret', 'headers'],
    summary:
      'Register a webhook: an HTTPS address that is told of every event of one type. The answer holds its signing secret, which is never shown again: whoever runs the receiver must keep it.',
    keywords:
      'subscribe notify callback push listen hook automate alert endpoint call url post each time whenever ready server tell automatically',
    input: () =>
      z
        .object({
          event_type: eventType(),
          endpoint_url: endpointUrl(),
          filter_config: filterConfig().optional(),
          headers: headers().optional(),
          description: note().nullish(),
        })
        .strict(),
    output: subscription,
  }),

  list: defineOperation({
    id: 'event_subscriptions.list',
    scope: 'event_subscriptions:read',
    effect: 'read',
    // Its headers may hold what the receiver knows Geopera by.
    secrets: ['headers'],
    summary: 'List the webhooks of the organization, with their ids. Signing secrets are left out.',
    keywords: 'callbacks hooks subscribed endpoints show sent receivers registered',
    input: () =>
      z
        .object({
          event_type: eventType().nullish(),
          active: z.boolean().nullish().describe('True: only running ones; false: only paused.'),
        })
        .strict(),
    output: untyped,
  }),

  get: defineOperation({
    id: 'event_subscriptions.get',
    scope: 'event_subscriptions:read',
    effect: 'read',
    secrets: ['headers'],
    summary: 'Read one webhook: its event type, address, filter and whether it is active.',
    keywords: 'hook callback details show inspect settings receiver url',
    input: () => z.object({ subscription_id: subscriptionId() }).strict(),
    output: untyped,
  }),

  update: defineOperation({
    id: 'event_subscriptions.update',
    scope: 'event_subscriptions:write',
    effect: 'compute',
    repeatable: true,
    secrets: ['headers'],
    summary:
      'Change the address, filter or headers of a webhook, or pause and resume it. Fields left out stay as they are; for another type of event make a new one.',
    keywords:
      'edit hook callback disable enable stop mute deactivate redirect moved url receiver temporarily switch',
    input: () =>
      z
        .object({
          subscription_id: subscriptionId(),
          endpoint_url: endpointUrl().nullish(),
          filter_config: filterConfig().nullish(),
          headers: headers().nullish(),
          active: z.boolean().nullish().describe('False pauses deliveries, true resumes them.'),
          description: note().nullish(),
        })
        .strict(),
    output: subscription,
  }),

  test: defineOperation({
    id: 'event_subscriptions.test',
    scope: 'event_subscriptions:write',
    effect: 'compute',
    summary: 'Send a made-up event to the address of a webhook and tell how it was received.',
    keywords:
      'try ping check hook callback working delivery trial receiver sample fake dummy reach',
    input: () => z.object({ subscription_id: subscriptionId() }).strict(),
    output: () =>
      z
        .object({
          status: z.string(),
          delivered: z.boolean(),
          http_status: z.number().int().nullish(),
          error: z.string().nullish(),
          event_id: z.string(),
          event_type: z.string(),
        })
        .passthrough(),
  }),

  delete: defineOperation({
    id: 'event_subscriptions.delete',
    scope: 'event_subscriptions:write',
    effect: 'destructive',
    summary:
      'Remove a webhook for good; its address is told of nothing more. To stop it for a while, pause it with event_subscriptions.update.',
    keywords: 'unsubscribe cancel hook callback drop unregister receiver calling endpoint end',
    input: () => z.object({ subscription_id: subscriptionId() }).strict(),
    output: () => z.object({ deleted: z.boolean().optional() }).passthrough(),
  }),
};
