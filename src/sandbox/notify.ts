import type { Notification } from './account_records.ts';
import type { SandboxContext } from './context.ts';
import { newId } from './initial_state.ts';

/** Puts a message into the inbox of whoever uses the sandbox. */
export function notify(
  { store, settings }: Pick<SandboxContext, 'store' | 'settings'>,
  message: Pick<Notification, 'type' | 'title' | 'message' | 'reference'>,
): void {
  store.state.notifications.push({
    id: newId('ntf'),
    ...message,
    read_at: null,
    dismissed_at: null,
    created_at: settings.now().toISOString(),
  });
}
