import { clipOperations } from './clip_operations.ts';
import { itemOperations } from './item_operations.ts';
import type { OperationHandlers } from './operation_handler.ts';
import { uploadOperations } from './upload_operations.ts';

/** What the sandbox does for each operation of the catalogue, by operation id. */
export const operationHandlers: OperationHandlers = {
  ...uploadOperations,
  ...itemOperations,
  ...clipOperations,
};
