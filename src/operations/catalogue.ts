import { alerts } from './alerts.ts';
import { analytics } from './analytics.ts';
import { apiKeys } from './api_keys.ts';
import { assets } from './assets.ts';
import { bandFormulas } from './band_formulas.ts';
import { billing } from './billing.ts';
import { catalog } from './catalog.ts';
import { clip } from './clip.ts';
import { cog } from './cog.ts';
import { collections } from './collections.ts';
import { eulas } from './eulas.ts';
import { eventSubscriptions } from './event_subscriptions.ts';
import { glossary } from './glossary.ts';
import { items } from './items.ts';
import { notifications } from './notifications.ts';
import type { Operation } from './operation.ts';
import { orders } from './orders.ts';
import { ordersTasking } from './orders_tasking.ts';
import { organizations } from './organizations.ts';
import { paymentMethods } from './payment_methods.ts';
import { processing } from './processing.ts';
import { projects } from './projects.ts';
import { provenance } from './provenance.ts';
import { reports } from './reports.ts';
import { share } from './share.ts';
import { stac } from './stac.ts';
import { uploads } from './uploads.ts';
import { usage } from './usage.ts';
import { visualization } from './visualization.ts';

/** Every operation that this project knows, in the order in which tools are listed. */
export const catalogue: readonly Operation[] = [
  uploads,
  items,
  clip,
  alerts,
  analytics,
  apiKeys,
  assets,
  bandFormulas,
  billing,
  catalog,
  cog,
  collections,
  eulas,
  eventSubscriptions,
  glossary,
  notifications,
  orders,
  ordersTasking,
  organizations,
  paymentMethods,
  processing,
  projects,
  provenance,
  reports,
  share,
  stac,
  usage,
  visualization,
].flatMap((resource) => Object.values(resource));

const byId = new Map(catalogue.map((operation) => [operation.id, operation]));

/** @returns undefined if no operation has that id */
export function operationById(id: string): Operation | undefined {
  return byId.get(id);
}
