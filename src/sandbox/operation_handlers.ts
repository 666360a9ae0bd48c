import type { OperationHandlers } from './operation_handler.ts';
import { alertOperations } from './operations/alerts.ts';
import { apiKeyOperations } from './operations/api_keys.ts';
import { billingOperations } from './operations/billing.ts';
import { catalogOperations } from './operations/catalog.ts';
import { clipOperations } from './operations/clip.ts';
import { collectionOperations } from './operations/collections.ts';
import { eulaOperations } from './operations/eulas.ts';
import { eventSubscriptionOperations } from './operations/event_subscriptions.ts';
import { glossaryOperations } from './operations/glossary.ts';
import { itemEdits } from './operations/item_edits.ts';
import { itemSearches } from './operations/item_search.ts';
import { itemOperations } from './operations/items.ts';
import { notificationOperations } from './operations/notifications.ts';
import { orderOperations } from './operations/orders.ts';
import { processOperations } from './operations/processes.ts';
import { processingOperations } from './operations/processing.ts';
import { projectOperations } from './operations/projects.ts';
import { purchases } from './operations/purchases.ts';
import { shareOperations } from './operations/share.ts';
import { tileOperations } from './operations/tiles.ts';
import { uploadOperations } from './operations/uploads.ts';
import { usageOperations } from './operations/usage.ts';

/** What the sandbox does for each operation of the catalogue, by operation id. */
export const operationHandlers: OperationHandlers = {
  ...uploadOperations,
  ...itemOperations,
  ...itemSearches,
  ...itemEdits,
  ...clipOperations,
  ...collectionOperations,
  ...projectOperations,
  ...catalogOperations,
  ...glossaryOperations,
  ...orderOperations,
  ...purchases,
  ...processOperations,
  ...processingOperations,
  ...alertOperations,
  ...apiKeyOperations,
  ...billingOperations,
  ...eulaOperations,
  ...eventSubscriptionOperations,
  ...notificationOperations,
  ...shareOperations,
  ...usageOperations,
  ...tileOperations,
};
