import { notifications } from '../../operations/notifications.ts';
import type { Notification } from '../account_records.ts';
import { type Call, handle, type OperationHandlers } from '../operation_handler.ts';
import { offsetPage } from '../pages.ts';
import { notFound } from '../problems.ts';

/** The OpenAPI leaves this answer untyped; `{notifications: […]}` is our reading. Newest first. */
const list = handle(notifications.list, (input, call) => {
  const shown = inbox(call).filter(({ read_at }) => !input.unread_only || read_at === null);
  return { json: { notifications: offsetPage(shown.toReversed(), input) } };
});

const unreadCount = handle(notifications.unreadCount, (_input, call) => ({
  json: { unread_count: unread(call).length },
}));

const markRead = handle(notifications.markRead, async (input, call) => {
  const notification = find(call, input.notification_id);
  notification.read_at ??= nowOf(call);
  await call.context.store.save();
  return { json: notification };
});

const dismiss = handle(notifications.dismiss, async (input, call) => {
  const notification = find(call, input.notification_id);
  notification.dismissed_at = nowOf(call);
  await call.context.store.save();
  return { json: notification };
});

const markAllRead = handle(notifications.markAllRead, async (_input, call) => {
  const waiting = unread(call);
  for (const notification of waiting) notification.read_at = nowOf(call);
  await call.context.store.save();
  return { json: { marked_count: waiting.length } };
});

export const notificationOperations: OperationHandlers = {
  ...list,
  ...unreadCount,
  ...markRead,
  ...dismiss,
  ...markAllRead,
};

/** The inbox belongs to a person: an API key finds it empty, as it does at the API. */
function inbox({ context: { store }, principal }: Call): Notification[] {
  const { api_keys, notifications: all } = store.state;
  if (api_keys.some(({ id }) => id === principal.id)) return [];
  return all.filter(({ dismissed_at }) => dismissed_at === null);
}

function unread(call: Call): Notification[] {
  return inbox(call).filter(({ read_at }) => read_at === null);
}

/** @throws ProblemError 404 */
function find(call: Call, id: string): Notification {
  const notification = inbox(call).find((candidate) => candidate.id === id);
  if (!notification) throw notFound('Notification');
  return notification;
}

function nowOf({ context }: Call): string {
  return context.settings.now().toISOString();
}
