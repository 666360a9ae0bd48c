import { randomBytes } from 'node:crypto';
import { eventSubscriptions } from '../../operations/event_subscriptions.ts';
import type { EventSubscription } from '../account_records.ts';
import { newId } from '../initial_state.ts';
import { handle, type OperationHandlers } from '../operation_handler.ts';
import { notFound, ProblemError } from '../problems.ts';
import type { StoredState } from '../state_model.ts';

/** The signing secret is shown here alone, and not kept: the sandbox signs nothing. */
const create = handle(eventSubscriptions.create, async (input, { context }) => {
  requireHttps(input.endpoint_url);
  const now = context.settings.now().toISOString();
  const subscription: EventSubscription = {
    id: newId('sub'),
    event_type: input.event_type,
    endpoint_url: input.endpoint_url,
    filter_config: input.filter_config ?? {},
    headers: input.headers ?? {},
    description: input.description ?? null,
    active: true,
    created_at: now,
    updated_at: now,
  };
  context.store.state.event_subscriptions.push(subscription);
  await context.store.save();
  const secret = `whsec_${randomBytes(24).toString('base64url')}`;
  return { json: { ...subscription, secret } };
});

/** The OpenAPI leaves this answer untyped; `{subscriptions: […]}` is our reading. */
const list = handle(eventSubscriptions.list, (input, { context: { store } }) => ({
  json: {
    subscriptions: store.state.event_subscriptions.filter(
      ({ event_type, active }) =>
        (input.event_type ?? event_type) === event_type && (input.active ?? active) === active,
    ),
  },
}));

const get = handle(eventSubscriptions.get, (input, { context: { store } }) => ({
  json: { subscription: find(store.state, input.subscription_id) },
}));

const update = handle(eventSubscriptions.update, async ({ subscription_id, ...changes }, call) => {
  const { store, settings } = call.context;
  const subscription = find(store.state, subscription_id);
  if (changes.endpoint_url !== undefined) requireHttps(changes.endpoint_url);
  Object.assign(subscription, changes, { updated_at: settings.now().toISOString() });
  await store.save();
  return { json: subscription };
});

const remove = handle(eventSubscriptions.delete, async (input, { context: { store } }) => {
  const subscription = find(store.state, input.subscription_id);
  store.state.event_subscriptions = store.state.event_subscriptions.filter(
    (other) => other !== subscription,
  );
  await store.save();
  return { json: { deleted: true } };
});

/** Nothing leaves the sandbox, so that a test is told to have failed. */
const test = handle(eventSubscriptions.test, (input, { context: { store } }) => {
  const { event_type } = find(store.state, input.subscription_id);
  return {
    json: {
      status: 'failed',
      delivered: false,
      http_status: null,
      error: 'the sandbox sends nothing out',
      event_id: newId('evt'),
      event_type,
    },
  };
});

export const eventSubscriptionOperations: OperationHandlers = {
  ...create,
  ...list,
  ...get,
  ...update,
  ...remove,
  ...test,
};

/** @throws ProblemError 404 */
function find(state: StoredState, id: string): EventSubscription {
  const subscription = state.event_subscriptions.find((candidate) => candidate.id === id);
  if (!subscription) throw notFound('Subscription');
  return subscription;
}

/** @throws ProblemError 422 */
function requireHttps(address: string): void {
  if (URL.canParse(address) && new URL(address).protocol === 'https:') return;
  throw new ProblemError(422, 'endpoint_url must be an https address');
}
