import type { OperationHandlers } from './operation_handler.ts';

export const clipOperations: OperationHandlers = {};
