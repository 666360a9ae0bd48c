import { z } from 'zod';
import { bandExpression, id, itemId, offsetPaging } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

const ruleId = () => id('Alert rule id, from alerts.rules.list.');

/** What a rule is made of; an update may leave out any of it. */
const ruleField = {
  name: () => z.string().describe('Name of the rule.'),
  description: () => z.string().describe('What the rule is for.'),
  collectionId: () => z.string().describe('Watch this collection alone.'),
  eventTypes: () => z.array(z.string()).describe('Item events that set it off.'),
  expression: bandExpression,
  // The API publishes no list of them.
  comparison: () => z.string().describe('How the value meets the threshold, e.g. lt or gt.'),
  threshold: () => z.number().describe('Value to compare with, e.g. 0.3.'),
  thresholdUpper: () => z.number().describe('Upper end, where the comparison takes a range.'),
  assetKey: () => z.string().describe('Asset that is read.'),
  bandMapping: () =>
    z.record(z.number().int()).describe('Band number by the name in the expression.'),
  notificationChannels: () => z.array(z.string()).describe('Ways by which people are told.'),
  cooldownMinutes: () => z.number().int().describe('Minutes of silence after it has fired.'),
} as const;

const rule = () => z.object({ alert_rule: z.record(z.unknown()) }).passthrough();

export const alerts = {
  createRule: defineOperation({
    id: 'alerts.create_rule',
    scope: 'alerts:write',
    effect: 'compute',
    summary:
      'Create an alert rule that fires when band math on a new item crosses a threshold. alerts.test_rule then tries it on an item.',
    keywords:
      'monitor watch notify warn trigger add alarm ndvi drops below above under over rises exceeds tell soon whenever automatically set up',
    input: () =>
      z
        .object({
          name: ruleField.name(),
          description: ruleField.description().nullish(),
          collection_id: ruleField.collectionId().nullish(),
          event_types: ruleField.eventTypes().optional(),
          expression: ruleField.expression(),
          comparison: ruleField.comparison(),
          threshold: ruleField.threshold(),
          threshold_upper: ruleField.thresholdUpper().nullish(),
          asset_key: ruleField.assetKey().default('data'),
          band_mapping: ruleField.bandMapping().optional(),
          notification_channels: ruleField.notificationChannels().optional(),
          cooldown_minutes: ruleField.cooldownMinutes().default(60),
        })
        .strict(),
    output: rule,
  }),

  updateRule: defineOperation({
    id: 'alerts.update_rule',
    scope: 'alerts:write',
    effect: 'compute',
    repeatable: true,
    summary:
      'Change an alert rule, or pause it with active false. Fields left out stay as they are.',
    keywords:
      'edit modify adjust threshold resume enable disable mute alarm raise lower silence temporarily sensitivity snooze turn off',
    input: () =>
      z
        .object({
          rule_id: ruleId(),
          name: ruleField.name().nullish(),
          description: ruleField.description().nullish(),
          collection_id: ruleField.collectionId().nullish(),
          event_types: ruleField.eventTypes().nullish(),
          expression: ruleField.expression().nullish(),
          comparison: ruleField.comparison().nullish(),
          threshold: ruleField.threshold().nullish(),
          threshold_upper: ruleField.thresholdUpper().nullish(),
          asset_key: ruleField.assetKey().nullish(),
          band_mapping: ruleField.bandMapping().nullish(),
          notification_channels: ruleField.notificationChannels().nullish(),
          active: z.boolean().nullish().describe('False pauses the rule.'),
          cooldown_minutes: ruleField.cooldownMinutes().nullish(),
        })
        .strict(),
    output: rule,
  }),

  deleteRule: defineOperation({
    id: 'alerts.delete_rule',
    scope: 'alerts:write',
    effect: 'destructive',
    summary: 'Delete an alert rule for good. To silence it for a while, set active false instead.',
    keywords: 'remove stop end watching monitoring alarm drop unneeded cancel warning',
    input: () => z.object({ rule_id: ruleId() }).strict(),
    output: () => z.object({ deleted: z.boolean().optional() }).passthrough(),
  }),

  rulesList: defineOperation({
    id: 'alerts.rules.list',
    scope: 'alerts:read',
    effect: 'read',
    summary: 'List the alert rules of the organization, all or only the active ones.',
    keywords: 'show monitors watches alarms configured set up warnings',
    input: () =>
      z
        .object({
          active: z.boolean().nullish().describe('Only active rules, or only paused ones.'),
          collection_id: z.string().nullish().describe('Only rules on this collection.'),
        })
        .strict(),
    output: untyped,
  }),

  ruleGet: defineOperation({
    id: 'alerts.rule.get',
    scope: 'alerts:read',
    effect: 'read',
    summary: 'Read one alert rule: expression, threshold, channels and whether it is active.',
    keywords: 'show details monitor settings alarm condition limit warning',
    input: () => z.object({ rule_id: ruleId() }).strict(),
    output: untyped,
  }),

  testRule: defineOperation({
    id: 'alerts.test_rule',
    scope: 'alerts:read',
    effect: 'read',
    summary:
      'Try an alert rule on one item: its value, and whether it would fire. Nothing is kept.',
    keywords: 'dry run check simulate evaluate trigger preview alarm scene gone off hypothetically',
    input: () => z.object({ rule_id: ruleId(), item_id: itemId() }).strict(),
    output: () =>
      z
        .object({
          computed_value: z.number(),
          threshold: z.number(),
          comparison: z.string(),
          would_trigger: z.boolean(),
          expression: z.string(),
          item_id: z.string(),
        })
        .passthrough(),
  }),

  eventsList: defineOperation({
    id: 'alerts.events.list',
    scope: 'alerts:read',
    effect: 'read',
    summary: 'List the alerts that have fired, newest first.',
    keywords: 'triggered history alarms warnings recent incidents unacknowledged went off happened',
    input: () =>
      z
        .object({
          rule_id: z.string().nullish().describe('Only alerts of this rule.'),
          acknowledged: z.boolean().nullish().describe('Only seen alerts, or only unseen ones.'),
          ...offsetPaging(50),
        })
        .strict(),
    output: untyped,
  }),

  acknowledgeEvent: defineOperation({
    id: 'alerts.acknowledge_event',
    scope: 'alerts:write',
    effect: 'compute',
    repeatable: true,
    summary: 'Mark one fired alert as seen.',
    keywords: 'confirm dismiss clear handled alarm noted dealt read tick off resolved',
    input: () => z.object({ event_id: id('Alert event id, from alerts.events.list.') }).strict(),
    output: () => z.object({ alert_event: z.record(z.unknown()) }).passthrough(),
  }),
};
