import { alerts } from '../../operations/alerts.ts';
import type { AlertRule } from '../account_records.ts';
import { newId } from '../initial_state.ts';
import { handle, type OperationHandlers } from '../operation_handler.ts';
import { notFound } from '../problems.ts';
import type { StoredState } from '../state_model.ts';

const createRule = handle(alerts.createRule, async (input, { context }) => {
  const now = context.settings.now().toISOString();
  const rule: AlertRule = {
    ...input,
    id: newId('alr'),
    description: input.description ?? null,
    collection_id: input.collection_id ?? null,
    event_types: input.event_types ?? [],
    threshold_upper: input.threshold_upper ?? null,
    band_mapping: input.band_mapping ?? {},
    notification_channels: input.notification_channels ?? [],
    active: true,
    created_at: now,
    updated_at: now,
  };
  context.store.state.alert_rules.push(rule);
  await context.store.save();
  return { json: { alert_rule: rule } };
});

const updateRule = handle(alerts.updateRule, async ({ rule_id, ...changes }, { context }) => {
  const rule = findRule(context.store.state, rule_id);
  Object.assign(rule, changes, { updated_at: context.settings.now().toISOString() });
  await context.store.save();
  return { json: { alert_rule: rule } };
});

const deleteRule = handle(alerts.deleteRule, async (input, { context: { store } }) => {
  const rule = findRule(store.state, input.rule_id);
  store.state.alert_rules = store.state.alert_rules.filter((other) => other !== rule);
  await store.save();
  return { json: { deleted: true } };
});

/** The OpenAPI leaves this answer untyped; `{alert_rules: […]}` is our reading. */
const rulesList = handle(alerts.rulesList, (input, { context: { store } }) => ({
  json: {
    alert_rules: store.state.alert_rules.filter(
      ({ active, collection_id }) =>
        (input.active ?? active) === active &&
        (input.collection_id ?? collection_id) === collection_id,
    ),
  },
}));

const ruleGet = handle(alerts.ruleGet, (input, { context: { store } }) => ({
  json: { alert_rule: findRule(store.state, input.rule_id) },
}));

/** No rule ever fires here: the sandbox does no band math. */
const eventsList = handle(alerts.eventsList, () => ({ json: { alert_events: [] } }));

export const alertOperations: OperationHandlers = {
  ...createRule,
  ...updateRule,
  ...deleteRule,
  ...rulesList,
  ...ruleGet,
  ...eventsList,
};

/** @throws ProblemError 404 */
function findRule(state: StoredState, id: string): AlertRule {
  const rule = state.alert_rules.find((candidate) => candidate.id === id);
  if (!rule) throw notFound('Alert rule');
  return rule;
}
