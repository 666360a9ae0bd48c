/** The operations whose body the published OpenAPI calls optional. */
export const OPTIONAL_BODIES: ReadonlySet<string> = new Set([
  'billing.topup',
  'catalog.search_stream',
  'clip.create_from_item',
  'orders.archive.place',
  'orders.tasking.place',
  'processing.create',
  'processing.create_and_dispatch',
  'reports.generate',
  'uploads.complete',
]);

const SUCCESS: Readonly<Record<string, number>> = {
  'billing.topup': 201,
  'processing.create': 201,
  'orders.archive.place': 202,
  'orders.tasking.place': 202,
};

/** Status of an operation's success, by the published OpenAPI: 200 but for four of them. */
export function successStatus(operationId: string): number {
  return SUCCESS[operationId] ?? 200;
}
