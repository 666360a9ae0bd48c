import type { Operation } from '../operations/operation.ts';

/** A body without a documented form is published as optional. */
export function isBodyOptional({ input }: Operation): boolean {
  return input._def.unknownKeys === 'passthrough';
}

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
